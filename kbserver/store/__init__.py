"""The database: the only place with SQL, and the only commit point of the site."""
