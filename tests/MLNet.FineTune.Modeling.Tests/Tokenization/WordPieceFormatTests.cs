using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class WordPieceFormatTests
{
    private const string Config = "tokenizer_config.json";

    private static int[] Ids(TextTokenizer tokenizer, string text) => tokenizer.Encode(text, null, 64, Truncation.Head).Ids[1..^1];

    [TestMethod]
    [DataRow("""{"do_lower_case": true}""", "Été", "ete")]
    [DataRow("""{"do_lower_case": false}""", "Été", "Été")]
    [DataRow("""{"do_lower_case": true, "strip_accents": false}""", "Été", "été")]
    [DataRow("""{"do_lower_case": false, "strip_accents": true}""", "Été", "Ete")]
    [DataRow("""{}""", "Été", "ete")]
    public void Case_and_accents_follow_the_configuration(string configuration, string text, string word)
    {
        string[] words = ["ete", "Été", "été", "Ete"];
        TextTokenizer tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert(words)), (Config, configuration));
        CollectionAssert.AreEqual(new[] { 5 + Array.IndexOf(words, word) }, Ids(tokenizer, text));
    }

    [TestMethod]
    public void Ideographs_stand_alone_only_when_configured()
    {
        string vocabulary = TinyVocabulary.Bert("中文", "中", "文");
        CollectionAssert.AreEqual(new[] { 6, 7 }, Ids(TinyVocabulary.Load(("vocab.txt", vocabulary)), "中文"));
        CollectionAssert.AreEqual(new[] { 5 }, Ids(TinyVocabulary.Load(("vocab.txt", vocabulary), (Config, """{"tokenize_chinese_chars": false}""")), "中文"));
    }

    [TestMethod]
    public void Case_comes_from_tokenizer_json_when_the_configuration_does_not_say()
    {
        string json = """{"normalizer": {"type": "BertNormalizer", "lowercase": false}, "model": {"type": "WordPiece", "vocab": {}}}""";
        TextTokenizer tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("a", "A")), ("tokenizer.json", json));
        CollectionAssert.AreEqual(new[] { 6, 5 }, Ids(tokenizer, "A a"));
        CollectionAssert.AreEquivalent(new[] { "vocab.txt", "tokenizer.json" }, tokenizer.Files.Keys.ToArray());
    }

    [TestMethod]
    public void A_word_of_a_hundred_code_points_is_spelled_and_one_more_is_unknown()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("𝒳", "##𝒳")));
        CollectionAssert.AreEqual((int[])[5, .. Enumerable.Repeat(6, 99)], tokenizer.Encode(string.Concat(Enumerable.Repeat("𝒳", 100)), null, 200, Truncation.Head).Ids[1..^1]);
        CollectionAssert.AreEqual(new[] { 1 }, Ids(tokenizer, string.Concat(Enumerable.Repeat("𝒳", 101))));
    }

    [TestMethod]
    public void Mpnet_has_two_separators_no_types_and_a_mask_that_swallows_the_space_before_it()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(
            ("vocab.txt", TinyVocabulary.Lines("<s>", "<pad>", "</s>", "<unk>", "[UNK]", "a", "b", "<mask>")), (Config, """{"tokenizer_class": "MPNetTokenizer", "model_max_length": 512}"""));
        OffsetEncoding result = tokenizer.EncodeWithOffsets("a  <mask>", "b z", 32, Truncation.LongestFirst);
        CollectionAssert.AreEqual(new[] { 0, 5, 7, 2, 2, 6, 4, 2 }, result.Encoding.Ids);
        CollectionAssert.AreEqual(new int[8], result.Encoding.TypeIds);
        Assert.AreEqual(new TokenSpan(0, 3, 6), result.Spans[2]);
        Assert.AreEqual(new TokenSpan(1, 2, 1), result.Spans[6]);
        Assert.IsFalse(tokenizer.PairsUseTokenTypes);
        Assert.AreEqual((1, 0, 2, 4, 7, 512, 8), (tokenizer.PadId, tokenizer.ClsId, tokenizer.SepId, tokenizer.UnkId, tokenizer.MaskId, tokenizer.ModelMaxLength, tokenizer.VocabularySize));
    }

    [TestMethod]
    [DataRow("BertTokenizer")]
    [DataRow("DistilBertTokenizerFast")]
    [DataRow("ElectraTokenizer")]
    [DataRow("PreTrainedTokenizerFast")]
    public void Classes_that_tokenise_as_bert_are_read(string name)
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("a")), (Config, $$"""{"tokenizer_class": "{{name}}"}"""));
        CollectionAssert.AreEqual(new[] { 2, 5, 3, 5, 3 }, tokenizer.Encode("A", "a", 8, Truncation.Head).Ids);
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 1, 1 }, tokenizer.Encode("A", "a", 8, Truncation.Head).TypeIds);
    }

    private const string Json = """
        {"added_tokens": [{"id": 4, "content": "[MASK]", "lstrip": false, "rstrip": false, "single_word": false}, {"id": 9, "content": "<new>"}],
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
           "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
                    {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}]},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "@@", "max_input_chars_per_word": 3,
           "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "a": 5, "@@b": 7}}}
        """;

    [TestMethod]
    public void Reads_tokenizer_json_alone()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("tokenizer.json", Json));
        Encoding encoding = tokenizer.Encode("AB [MASK] abbb<new>", "a", 32, Truncation.LongestFirst);
        CollectionAssert.AreEqual(new[] { 2, 5, 7, 4, 1, 9, 3, 5, 3 }, encoding.Ids);
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 0, 0, 0, 0, 1, 1 }, encoding.TypeIds);
        Assert.AreEqual(10, tokenizer.VocabularySize);
    }

    [TestMethod]
    public void The_configuration_of_a_named_class_prevails_over_tokenizer_json()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("tokenizer.json", Json), (Config, """{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"""));
        CollectionAssert.AreEqual(new[] { 5, 1 }, Ids(tokenizer, "a A"));
    }

    [TestMethod]
    public void Added_tokens_are_found_in_the_text_longest_first()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("x", "!")), ("added_tokens.json", """{"<t>": 7, "<t>!": 8}"""));
        CollectionAssert.AreEqual(new[] { 5, 8, 7, 5, 4 }, Ids(tokenizer, "x<t>!<t>x[MASK]"));
        Assert.AreEqual(9, tokenizer.VocabularySize);
    }

    /// <summary>As Hugging Face's tokenizers 0.23 finds them: one that is normalised in any case and with or without accents, where the text loses these; any other only as it is written.</summary>
    [TestMethod]
    [DataRow(true, true, "COVID-19 Über É é", "7 8 9 9")]
    [DataRow(true, true, "covid-19über e\u0301", "7 8 9")]
    [DataRow(true, true, "x Covid-19x", "5 7 5")]
    [DataRow(true, false, "Covid-19 covid-19 Über É", "7 1 6 1 8 9")]
    [DataRow(false, true, "Covid-19 covid-19 über Über", "7 1 6 1 1 8")]
    [DataRow(false, false, "Covid-19 covid-19 über Über", "7 1 6 1 1 8")]
    public void Added_tokens_are_normalised_with_the_text(bool lowerCase, bool normalized, string text, string expected)
    {
        string Token(int id, string content) => $$"""{"id": {{id}}, "content": "{{content}}", "normalized": {{(normalized ? "true" : "false")}}, "special": false}""";
        string json = Json.Replace("""{"id": 9, "content": "<new>"}""", string.Join(", ", Token(7, "Covid-19"), Token(8, "Über"), Token(9, "É")), StringComparison.Ordinal)
            .Replace("\"lowercase\": true", $"\"lowercase\": {(lowerCase ? "true" : "false")}", StringComparison.Ordinal)
            .Replace("\"a\": 5, \"@@b\": 7", "\"x\": 5, \"-\": 6", StringComparison.Ordinal);
        CollectionAssert.AreEqual(expected.Split(' ').Select(int.Parse).ToArray(), Ids(TinyVocabulary.Load(("tokenizer.json", json)), text));
    }

    /// <summary>Where they are in the text that was given, not in the normalised one.</summary>
    [TestMethod]
    public void Spans_of_normalised_added_tokens()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("x")), ("added_tokens.json", """{"éé": 6}"""));
        OffsetEncoding result = tokenizer.EncodeWithOffsets("x E\u0301É x", null, 16, Truncation.Head);
        CollectionAssert.AreEqual(new[] { 2, 5, 6, 5, 3 }, result.Encoding.Ids);
        Assert.AreEqual(new TokenSpan(0, 2, 3), result.Spans[2]);
        Assert.AreEqual(new TokenSpan(0, 6, 1), result.Spans[3]);
    }

    /// <summary>Form feeds and vertical tabs are white space where control characters are kept.</summary>
    [TestMethod]
    public void White_space_that_is_a_control_character()
    {
        string kept = Json.Replace("\"clean_text\": true", "\"clean_text\": false", StringComparison.Ordinal);
        CollectionAssert.AreEqual(new[] { 5, 5, 5 }, Ids(TinyVocabulary.Load(("tokenizer.json", kept)), "a\fa\va"));
        CollectionAssert.AreEqual(new[] { 5 }, Ids(TinyVocabulary.Load(("tokenizer.json", Json)), "\fa\v"));
    }

    [TestMethod]
    public void Its_files_load_it_again()
    {
        TextTokenizer first = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("a", "A")), (Config, """{"do_lower_case": false}"""), ("README.md", "not needed"));
        CollectionAssert.AreEquivalent(new[] { "vocab.txt", Config }, first.Files.Keys.ToArray());
        CollectionAssert.AreEqual(Ids(first, "A a"), Ids(TextTokenizer.Load(first.Files, "zip"), "A a"));
    }

    [TestMethod]
    public void The_stated_maximum_length_is_ignored_when_it_means_no_limit()
    {
        string vocabulary = TinyVocabulary.Bert("a");
        Assert.IsNull(TinyVocabulary.Load(("vocab.txt", vocabulary), (Config, """{"model_max_length": 1000000000000000019884624838656}""")).ModelMaxLength);
        Assert.AreEqual(128, TinyVocabulary.Load(("vocab.txt", vocabulary), (Config, """{"model_max_length": 128}""")).ModelMaxLength);
        Assert.IsNull(TinyVocabulary.Load(("vocab.txt", vocabulary)).ModelMaxLength);
    }
}
