"""The bundled model as a folder that sentence-transformers loads. Runs at preparation time only."""

from __future__ import annotations

from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from indexer.encoding.bundled import PASSAGE_PROMPT, QUERY_PROMPT, BundledModel, BundledVocabulary

MAX_TOKENS = 512


def write_sentence_transformer(model: BundledModel, folder: Path) -> None:
    """Write transformer, mean pooling, normalisation, tokenizer and prompts to `folder`."""
    parts = folder.with_name(folder.name + "-parts")
    _transformer(model).save_pretrained(parts)
    _tokenizer(model.vocabulary).save_pretrained(parts)
    transformer = Transformer(str(parts), max_seq_length=MAX_TOKENS)
    pooling = Pooling(model.shape.hidden, pooling_mode="mean")
    whole = SentenceTransformer(
        modules=[transformer, pooling, Normalize()],
        prompts={"query": QUERY_PROMPT, "passage": PASSAGE_PROMPT},
        device="cpu",
    )
    whole.save(str(folder), create_model_card=False)


def _transformer(model: BundledModel) -> BertModel:
    shape = model.shape
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.token_types,
        layer_norm_eps=shape.epsilon,
    )
    bert = BertModel(config, add_pooling_layer=False)
    bert.load_state_dict(
        {name: torch.from_numpy(values.copy()) for name, values in model.tensors.items()}, strict=False
    )
    return bert.eval()


def _tokenizer(vocabulary: BundledVocabulary) -> PreTrainedTokenizerFast:
    pieces = vocabulary.pieces
    unigram = Tokenizer(models.Unigram(list(pieces), unk_id=vocabulary.unk, byte_fallback=False))
    unigram.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    unigram.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    unigram.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[("<s>", vocabulary.bos), ("</s>", vocabulary.eos)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=unigram,
        bos_token=pieces[vocabulary.bos][0],
        eos_token=pieces[vocabulary.eos][0],
        cls_token=pieces[vocabulary.bos][0],
        pad_token=pieces[vocabulary.pad][0],
        unk_token=pieces[vocabulary.unk][0],
        model_max_length=MAX_TOKENS,
    )
