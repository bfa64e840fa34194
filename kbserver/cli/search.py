"""`kb search`: the answer of the API, on the command line."""

from __future__ import annotations

import click

MODES = ("hybrid", "keyword", "vector")


@click.command()
@click.argument("query")
@click.option("--mode", type=click.Choice(MODES), default="hybrid", show_default=True)
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
def search(query: str, mode: str, limit: int, as_json: bool) -> None:
    """Search the index of the data folder as a reader in the house."""
    from indexer.articles import Audience, Mode
    from kbserver.app import services_of
    from kbserver.cli.workplace import Workplace
    from kbserver.domain.reader import Reader
    from kbserver.domain.searching import SearchQuery
    from kbserver.web.api_shapes import search_model

    with Workplace.open() as place:
        index = place.index()
        if mode != "keyword":
            index.load_model()
        services = services_of(place.settings, place.database, index, place.clock)
        asked = SearchQuery(query, Mode(mode), limit, record=False)
        reader = Reader(Audience.INTERNAL)
        result = services.search.search(reader, asked)
        index.close()
    if as_json:
        click.echo(search_model(result, reader, debug=False).model_dump_json())
        return
    for hit in result.hits:
        click.echo(f"{hit.score:.2f}  {hit.article.id}  {hit.article.title}  [{', '.join(hit.why)}]")
    if result.degraded:
        click.echo("Only words answered: the model is not available.", err=True)
    if result.no_good_answer:
        click.echo("No good answer was found.", err=True)
