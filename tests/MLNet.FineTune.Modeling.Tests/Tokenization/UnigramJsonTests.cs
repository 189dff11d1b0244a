using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

/// <summary>Unigram models in <c>tokenizer.json</c>, as Python's transformers saves XLM-RoBERTa, ALBERT and DeBERTa; the ids are those of Hugging Face's tokenizers library.</summary>
[TestClass]
public class UnigramJsonTests
{
    private const string File = """
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [{"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
           {"id": 1, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
           {"id": 2, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
           {"id": 3, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
           {"id": 16, "content": "<mask>", "single_word": false, "lstrip": true, "rstrip": false, "normalized": false, "special": true}],
         "normalizer": @NORM, "pre_tokenizer": @PRE, "decoder": null,
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
           "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}},
             {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
           "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
         "model": {"type": "Unigram", "unk_id": 3, "byte_fallback": false,
           "vocab": [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["▁", -3.0], ["▁the", -2.5], ["▁c", -3.5], ["at", -3.0], ["c", -4.0], ["a", -4.1],
             ["t", -4.2], ["é", -4.5], ["s", -4.3], ["th", -3.9], ["e", -4.05], ["\"", -4.6], ["<mask>", 0.0]]}}
        """;

    private static readonly string[] PreTokenizers =
    [
        """{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}]}""",
        """{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}""",
        """{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": true}]}""",
    ];

    private static readonly string[] Normalizers =
    [
        "null",
        """
        {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "Replace", "pattern": {"Regex": "\\s{2,}|[\\n\\r\\t]"}, "content": " "}, {"type": "NFC"},
          {"type": "Strip", "strip_left": false, "strip_right": true}]}
        """,
        """
        {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": "``"}, "content": "\""}, {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}
        """,
    ];

    private static string Json(int preTokenizer, string normalizer) =>
        File.Replace("@PRE", PreTokenizers[preTokenizer], StringComparison.Ordinal).Replace("@NORM", normalizer, StringComparison.Ordinal);

    [TestMethod]
    [DataRow(0, 0, "the cat", "0 5 6 7 2")]
    [DataRow(0, 0, "  The\u0009cats  ", "0 4 3 14 6 7 12 2")]
    [DataRow(0, 0, "cafe\u0301 <mask>s", "0 6 9 3 14 3 16 4 12 2")]
    [DataRow(0, 0, "\uff23\uff41\uff54 ``\u00e9``", "0 4 3 4 3 11 3 2")]
    [DataRow(0, 0, "xx yx \u00e9", "0 4 3 4 3 4 11 2")]
    [DataRow(0, 0, "the  <mask> the", "0 5 16 5 2")]
    [DataRow(0, 1, "the cat", "0 5 6 7 2")]
    [DataRow(0, 1, "  The\u0009cats  ", "0 5 6 7 12 2")]
    [DataRow(0, 1, "cafe\u0301 <mask>s", "0 6 9 3 11 16 4 12 2")]
    [DataRow(0, 1, "\uff23\uff41\uff54 ``\u00e9``", "0 4 3 4 3 11 3 2")]
    [DataRow(0, 1, "xx yx \u00e9", "0 4 3 4 3 4 11 2")]
    [DataRow(0, 1, "the  <mask> the", "0 5 16 5 2")]
    [DataRow(0, 2, "the cat", "0 5 6 7 2")]
    [DataRow(0, 2, "  The\u0009cats  ", "0 5 6 7 12 2")]
    [DataRow(0, 2, "cafe\u0301 <mask>s", "0 6 9 3 14 16 4 12 2")]
    [DataRow(0, 2, "\uff23\uff41\uff54 ``\u00e9``", "0 6 7 4 15 14 15 2")]
    [DataRow(0, 2, "xx yx \u00e9", "0 4 3 4 3 4 14 2")]
    [DataRow(0, 2, "the  <mask> the", "0 5 16 5 2")]
    [DataRow(1, 0, "the cat", "0 5 6 7 2")]
    [DataRow(1, 0, "  The\u0009cats  ", "0 4 4 3 14 3 8 7 12 4 4 2")]
    [DataRow(1, 0, "cafe\u0301 <mask>s", "0 6 9 3 14 3 16 4 12 2")]
    [DataRow(1, 0, "\uff23\uff41\uff54 ``\u00e9``", "0 4 3 4 3 11 3 2")]
    [DataRow(1, 0, "xx yx \u00e9", "0 4 3 4 3 4 11 2")]
    [DataRow(1, 0, "the  <mask> the", "0 5 16 5 2")]
    [DataRow(1, 1, "the cat", "0 5 6 7 2")]
    [DataRow(1, 1, "  The\u0009cats  ", "0 5 6 7 12 2")]
    [DataRow(1, 1, "cafe\u0301 <mask>s", "0 6 9 3 11 16 4 12 2")]
    [DataRow(1, 1, "\uff23\uff41\uff54 ``\u00e9``", "0 4 3 4 3 11 3 2")]
    [DataRow(1, 1, "xx yx \u00e9", "0 4 3 4 3 4 11 2")]
    [DataRow(1, 1, "the  <mask> the", "0 5 16 5 2")]
    [DataRow(1, 2, "the cat", "0 5 6 7 2")]
    [DataRow(1, 2, "  The\u0009cats  ", "0 4 5 3 8 7 12 4 4 2")]
    [DataRow(1, 2, "cafe\u0301 <mask>s", "0 6 9 3 14 16 4 12 2")]
    [DataRow(1, 2, "\uff23\uff41\uff54 ``\u00e9``", "0 6 7 4 15 14 15 2")]
    [DataRow(1, 2, "xx yx \u00e9", "0 4 3 4 3 4 14 2")]
    [DataRow(1, 2, "the  <mask> the", "0 5 16 5 2")]
    [DataRow(2, 0, "the cat", "0 13 14 8 7 2")]
    [DataRow(2, 0, "  The\u0009cats  ", "0 3 14 8 7 12 2")]
    [DataRow(2, 0, "cafe\u0301 <mask>s", "0 8 9 3 14 3 16 12 2")]
    [DataRow(2, 0, "\uff23\uff41\uff54 ``\u00e9``", "0 3 3 11 3 2")]
    [DataRow(2, 0, "xx yx \u00e9", "0 3 3 11 2")]
    [DataRow(2, 0, "the  <mask> the", "0 13 14 16 13 14 2")]
    [DataRow(2, 1, "the cat", "0 13 14 8 7 2")]
    [DataRow(2, 1, "  The\u0009cats  ", "0 13 14 8 7 12 2")]
    [DataRow(2, 1, "cafe\u0301 <mask>s", "0 8 9 3 11 16 12 2")]
    [DataRow(2, 1, "\uff23\uff41\uff54 ``\u00e9``", "0 3 3 11 3 2")]
    [DataRow(2, 1, "xx yx \u00e9", "0 3 3 11 2")]
    [DataRow(2, 1, "the  <mask> the", "0 13 14 16 13 14 2")]
    [DataRow(2, 2, "the cat", "0 13 14 8 7 2")]
    [DataRow(2, 2, "  The\u0009cats  ", "0 13 14 8 7 12 2")]
    [DataRow(2, 2, "cafe\u0301 <mask>s", "0 8 9 3 14 16 12 2")]
    [DataRow(2, 2, "\uff23\uff41\uff54 ``\u00e9``", "0 8 7 15 14 15 2")]
    [DataRow(2, 2, "xx yx \u00e9", "0 3 3 14 2")]
    [DataRow(2, 2, "the  <mask> the", "0 13 14 16 13 14 2")]
    public void Ids_are_those_of_the_library(int preTokenizer, int normalizer, string text, string expected)
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("tokenizer.json", Json(preTokenizer, Normalizers[normalizer])));
        CollectionAssert.AreEqual(expected.Split(' ').Select(int.Parse).ToArray(), tokenizer.Encode(text, null, 64, Truncation.Head).Ids);
    }

    [TestMethod]
    public void Pairs_spans_and_special_tokens()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("tokenizer.json", Json(0, Normalizers[2])), ("tokenizer_config.json", """{"tokenizer_class": "TokenizersBackend", "model_max_length": 512}"""));
        OffsetEncoding result = tokenizer.EncodeWithOffsets("The  E\u0301", "cat", 64, Truncation.Head);
        CollectionAssert.AreEqual(new[] { 0, 5, 4, 14, 2, 2, 6, 7, 2 }, result.Encoding.Ids);
        CollectionAssert.AreEqual(new int[9], result.Encoding.TypeIds);
        Assert.AreEqual(new TokenSpan(0, 0, 3), result.Spans[1]);
        Assert.AreEqual(new TokenSpan(0, 5, 1), result.Spans[3]);
        Assert.AreEqual((1, 0, 2, 3, 16, 512, 17, false), (tokenizer.PadId, tokenizer.ClsId, tokenizer.SepId, tokenizer.UnkId, tokenizer.MaskId, tokenizer.ModelMaxLength, tokenizer.VocabularySize, tokenizer.PairsUseTokenTypes));
        CollectionAssert.AreEqual(new[] { ("the", 5), ("c", 6) }, tokenizer.WordStarts.ToArray());
        CollectionAssert.AreEqual(result.Encoding.Ids, TextTokenizer.Load(tokenizer.Files, "zip").Encode("The  E\u0301", "cat", 64, Truncation.Head).Ids);
    }

    /// <summary>Its class has the template in its code.</summary>
    [TestMethod]
    public void Deberta_has_no_post_processor()
    {
        string json = System.Text.RegularExpressions.Regex.Replace(Json(1, "null").Replace("<s>", "[CLS]", StringComparison.Ordinal).Replace("</s>", "[SEP]", StringComparison.Ordinal).ReplaceLineEndings(" "), "\"post_processor\": .*\"model\"", "\"model\"");
        TextTokenizer tokenizer = TinyVocabulary.Load(("tokenizer.json", json), ("tokenizer_config.json", """{"tokenizer_class": "DebertaV2Tokenizer", "mask_token": "<mask>"}"""));
        Encoding encoding = tokenizer.Encode("the", "cat", 64, Truncation.Head);
        CollectionAssert.AreEqual(new[] { 0, 5, 2, 6, 7, 2 }, encoding.Ids);
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 1, 1, 1 }, encoding.TypeIds);
        Assert.ThrowsExactly<NotSupportedException>(() => TinyVocabulary.Load(("tokenizer.json", json)));
    }

    /// <summary>The map of a SentencePiece model, whose longest sequence counts at each place.</summary>
    [TestMethod]
    public void A_character_map_is_applied()
    {
        var builder = new SentencePieceModelBuilder { Replacements = { ["Ｔ"] = "t", ["\t"] = " ", ["e\u0301"] = "é", ["e"] = "a", ["Ⅳ"] = "the" } }.Add("<unk>", 0, 2).Add("x");
        byte[] map = SentencePieceModel.Read(TokenizerFiles.FromContents(new Dictionary<string, byte[]> { ["spm.model"] = builder.Build() }, "memory"), "spm.model").CharacterMap;
        string normalizer = $$"""{"type": "Precompiled", "precompiled_charsmap": "{{Convert.ToBase64String(map)}}"}""";
        TextTokenizer tokenizer = TinyVocabulary.Load(("tokenizer.json", Json(0, normalizer)));
        OffsetEncoding result = tokenizer.EncodeWithOffsets("cＴ\te\u0301e\tⅣ\0", null, 64, Truncation.Head);
        CollectionAssert.AreEqual(new[] { 0, 6, 10, 4, 11, 9, 5, 3, 2 }, result.Encoding.Ids);
        Assert.AreEqual(new TokenSpan(0, 1, 1), result.Spans[2]);
        Assert.AreEqual(new TokenSpan(0, 3, 2), result.Spans[4]);
    }

    [TestMethod]
    [DataRow("""{"type": "Nmt"}""", 0, "the normalizer 'Nmt'")]
    [DataRow("""{"type": "Replace", "pattern": {"Regex": "a+"}, "content": ""}""", 0, "\"a+\"")]
    public void What_is_not_computed_is_refused(string normalizer, int preTokenizer, string expected) =>
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => TinyVocabulary.Load(("tokenizer.json", Json(preTokenizer, normalizer)))).Message, expected);

    [TestMethod]
    [DataRow("\"prepend_scheme\": \"always\"", "\"prepend_scheme\": \"first\"", "'first'")]
    [DataRow("\"replacement\": \"▁\"", "\"replacement\": \"_\"", "'_'")]
    [DataRow("\"split\": true", "\"split\": false", "split")]
    [DataRow("WhitespaceSplit", "Punctuation", "Punctuation + Metaspace")]
    [DataRow("\"unk_id\": 3, ", "", "unk_id")]
    public void Other_pre_tokenizers_are_refused(string old, string replaced, string expected) =>
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => TinyVocabulary.Load(("tokenizer.json", Json(0, "null").Replace(old, replaced, StringComparison.Ordinal)))).Message, expected);

    [TestMethod]
    [DataRow("[\"▁\", -3.0]", "[\"▁\"]", "model.vocab[4]")]
    [DataRow("[\"▁\", -3.0]", "[\"at\", -3.0]", "'at' occurs twice")]
    [DataRow("\"unk_id\": 3", "\"unk_id\": 99", "unk_id is 99")]
    [DataRow("\"byte_fallback\": false", "\"byte_fallback\": true", "<0x00>")]
    public void A_damaged_file_is_refused(string old, string replaced, string expected) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyVocabulary.Load(("tokenizer.json", Json(0, "null").Replace(old, replaced, StringComparison.Ordinal)))).Message, expected);

    [TestMethod]
    public void A_character_map_that_is_none_is_refused()
    {
        foreach (string map in new[] { "?", "AAAA", "/////w==" })
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyVocabulary.Load(("tokenizer.json", Json(0, $$"""{"type": "Precompiled", "precompiled_charsmap": "{{map}}"}""")))).Message, "precompiled_charsmap");
    }
}
