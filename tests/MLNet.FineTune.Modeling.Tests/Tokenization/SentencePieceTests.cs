using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class SentencePieceTests
{
    private const string XlmR = "sentencepiece.bpe.model", Albert = "spiece.model", Deberta = "spm.model";

    private static TextTokenizer Load(string name, SentencePieceModelBuilder model, string? configuration = null)
    {
        var files = new Dictionary<string, byte[]> { [name] = model.Build() };
        if (configuration is not null)
            files["tokenizer_config.json"] = TinyVocabulary.Utf8(configuration);
        return TextTokenizer.Load(files, "memory");
    }

    /// <summary>A DeBERTa-like model: [PAD] [CLS] [SEP] [UNK], then the given pieces.</summary>
    private static SentencePieceModelBuilder DebertaModel(params (string Text, float Score)[] pieces)
    {
        var model = new SentencePieceModelBuilder { Ids = (3, 1, 2, 0) }.Add("[PAD]", kind: 3).Add("[CLS]", kind: 3).Add("[SEP]", kind: 3).Add("[UNK]", kind: 2);
        foreach ((string text, float score) in pieces)
            model.Add(text, score);
        return model;
    }

    private static SentencePieceModelBuilder XlmRobertaModel(params (string Text, float Score)[] pieces)
    {
        var model = new SentencePieceModelBuilder().Add("<unk>", kind: 2).Add("<s>", kind: 3).Add("</s>", kind: 3);
        foreach ((string text, float score) in pieces)
            model.Add(text, score);
        return model;
    }

    private static string Pieces(TextTokenizer tokenizer, SentencePieceModelBuilder model, string text, int offset = 0) =>
        string.Join(' ', tokenizer.Tokenize(text).Select(token => token.Id - offset < model.Pieces.Count && token.Id >= offset ? model.Pieces[token.Id - offset].Text : $"#{token.Id}"));

    /// <summary>Random pieces over few letters, so that many segmentations compete; all single letters but 'd' are pieces.</summary>
    private static SentencePieceModelBuilder RandomModel(Random random)
    {
        var texts = new HashSet<string> { "a", "b", "c", "\u2581", "\u2581a" };
        while (texts.Count < 20)
            texts.Add((random.Next(4) == 0 ? "\u2581" : "") + new string([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => "abcd"[random.Next(4)])]));
        texts.Remove("d");
        return DebertaModel([.. texts.Select(text => (text, -10 * random.NextSingle() - 0.01f))]);
    }

    private static string RandomText(Random random) => new([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => "aabbcd "[random.Next(7)])]);

    private static string Normal(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(words.Select(word => "\u2581" + word));
    }

    /// <summary>Consecutive unknowns are one, as SentencePiece reports them.</summary>
    private static List<string> MergeUnknown(IEnumerable<string> pieces)
    {
        var merged = new List<string>();
        foreach (string piece in pieces)
            if (piece != "[UNK]" || merged.Count == 0 || merged[^1] != "[UNK]")
                merged.Add(piece);
        return merged;
    }

    [TestMethod]
    public void Unigram_finds_the_best_of_all_segmentations()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            SentencePieceModelBuilder model = RandomModel(random);
            TextTokenizer tokenizer = Load(Deberta, model);
            Dictionary<string, float> scores = model.Pieces.Skip(4).ToDictionary(piece => piece.Text, piece => piece.Score);
            float unknown = scores.Values.Min() - 10;

            (double Score, List<string> Pieces) Best(string rest)
            {
                if (rest.Length == 0)
                    return (0, []);
                return Enumerable.Range(1, rest.Length)
                    .Where(length => length == 1 || scores.ContainsKey(rest[..length]))
                    .Select(length => (After: Best(rest[length..]), Piece: scores.ContainsKey(rest[..length]) ? rest[..length] : "[UNK]"))
                    .Select(choice => (choice.After.Score + (choice.Piece == "[UNK]" ? unknown : scores[choice.Piece]), (List<string>)[choice.Piece, .. choice.After.Pieces]))
                    .MaxBy(choice => choice.Item1);
            }

            for (int round = 0; round < 10; round++)
            {
                string text = RandomText(random);
                Assert.AreEqual(string.Join(' ', MergeUnknown(Best(Normal(text)).Pieces)), Pieces(tokenizer, model, text), $"seed {seed}, '{text}'");
            }
        }
    }

    [TestMethod]
    public void Bpe_merges_the_best_pair_and_of_equals_the_leftmost()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            SentencePieceModelBuilder model = RandomModel(random);
            model.Bpe = true;
            TextTokenizer tokenizer = Load(Deberta, model);
            Dictionary<string, float> scores = model.Pieces.Skip(4).ToDictionary(piece => piece.Text, piece => piece.Score);
            for (int round = 0; round < 10; round++)
            {
                string text = RandomText(random);
                List<string> symbols = [.. Normal(text).Select(letter => letter.ToString())];
                while (true)
                {
                    int best = Enumerable.Range(0, Math.Max(0, symbols.Count - 1)).Where(at => scores.ContainsKey(symbols[at] + symbols[at + 1]))
                        .OrderByDescending(at => scores[symbols[at] + symbols[at + 1]]).ThenBy(at => at).FirstOrDefault(-1);
                    if (best < 0)
                        break;
                    symbols[best] += symbols[best + 1];
                    symbols.RemoveAt(best + 1);
                }
                string expected = string.Join(' ', MergeUnknown(symbols.Select(symbol => scores.ContainsKey(symbol) ? symbol : "[UNK]")));
                Assert.AreEqual(expected, Pieces(tokenizer, model, text), $"seed {seed}, '{text}'");
            }
        }
        SentencePieceModelBuilder tie = DebertaModel(("\u2581", -1), ("a", -1), ("aa", -0.5f));
        tie.Bpe = true;
        Assert.AreEqual("\u2581 aa a", Pieces(Load(Deberta, tie), tie, "aaa"));
    }

    [TestMethod]
    public void Xlm_roberta_has_fairseq_ids()
    {
        SentencePieceModelBuilder model = XlmRobertaModel(("\u2581a", -1), ("\u2581b", -2), ("\u2581", -3));
        TextTokenizer tokenizer = Load(XlmR, model, """{"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512}""");
        OffsetEncoding result = tokenizer.EncodeWithOffsets("a  b <mask>", "b zz", 32, Truncation.LongestFirst);
        CollectionAssert.AreEqual(new[] { 0, 4, 5, 7, 2, 2, 5, 6, 3, 2 }, result.Encoding.Ids);
        CollectionAssert.AreEqual(new int[10], result.Encoding.TypeIds);
        CollectionAssert.AreEqual(new[]
        {
            TokenSpan.Special, new(0, 0, 1), new(0, 3, 1), new(0, 5, 6), TokenSpan.Special, TokenSpan.Special, new(1, 0, 1), new(1, 1, 1), new(1, 2, 2), TokenSpan.Special,
        }, result.Spans);
        Assert.AreEqual((1, 0, 2, 3, 7, 8), (tokenizer.PadId, tokenizer.ClsId, tokenizer.SepId, tokenizer.UnkId, tokenizer.MaskId, tokenizer.VocabularySize));
    }

    [TestMethod]
    public void Deberta_has_the_models_ids_and_adds_the_mask()
    {
        SentencePieceModelBuilder model = DebertaModel(("\u2581a", -1), ("\u2581A", -1.5f), ("b", -2));
        TextTokenizer tokenizer = Load(Deberta, model);
        Encoding encoding = tokenizer.Encode("A[MASK]", "ab", 32, Truncation.LongestFirst);
        CollectionAssert.AreEqual(new[] { 1, 5, 7, 2, 4, 6, 2 }, encoding.Ids);
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 0, 1, 1, 1 }, encoding.TypeIds);
        Assert.AreEqual((0, 1, 2, 3, 7, 8), (tokenizer.PadId, tokenizer.ClsId, tokenizer.SepId, tokenizer.UnkId, tokenizer.MaskId, tokenizer.VocabularySize));
        Assert.AreEqual("\u2581a", Pieces(Load(Deberta, model, """{"do_lower_case": true}"""), model, "A"));
    }

    /// <summary>As ALBERT's file: begin and end ids of -1, control pieces, and symbols that the user defined.</summary>
    private static SentencePieceModelBuilder AlbertModel() => new SentencePieceModelBuilder { Ids = (1, -1, -1, 0) }
        .Add("<pad>", kind: 3).Add("<unk>", kind: 2).Add("[CLS]", kind: 3).Add("[SEP]", kind: 3).Add("[MASK]", kind: 3).Add("(", kind: 4).Add("\"", kind: 4)
        .Add("\u2581", -3).Add("\u2581the", -2).Add("\u2581cafe", -4).Add("\u2581in", -3).Add("\u258120", -5).Add("20", -5).Add("80,", -5.5f).Add("80", -6).Add(",", -4).Add("\u25812080", -20).Add("fi", -6);

    [TestMethod]
    [DataRow("The  CAFÉ", "\u2581the \u2581cafe")]
    [DataRow("the ``cafe''", "\u2581the \u2581 \" #1 \"")]
    [DataRow("(the", "\u2581 ( #1")]
    [DataRow("in 2080,", "\u2581in \u258120 80 ,")]
    [DataRow("ﬁ", "\u2581 fi")]
    [DataRow("the [MASK] in", "\u2581the [MASK] \u2581in")]
    public void Albert_prepares_text_and_separates_commas_from_digits(string text, string expected)
    {
        SentencePieceModelBuilder model = AlbertModel();
        string pieces = Pieces(Load(Albert, model), model, text).Replace("<unk>", "#1", StringComparison.Ordinal);
        Assert.AreEqual(expected, pieces);
    }

    /// <summary>A token that was added is found as the text is prepared: without case and accents, unless it says that it is not normalised.</summary>
    [TestMethod]
    public void Added_tokens_are_prepared_with_the_text()
    {
        SentencePieceModelBuilder model = AlbertModel();
        int id = model.Pieces.Count;
        TextTokenizer Added(string more) => Load(Albert, model, $$"""{"added_tokens_decoder": {"{{id}}": {"content": "Été"{{more}} } } }""");
        List<Token> found = Added("").Tokenize("x  E\u0301TE\u0301 x");
        Token token = found.Single(token => token.Id == id);
        Assert.AreEqual((3, 7), (token.Start, token.End)); // the mark after the last letter is dropped
        Assert.IsTrue(Added("").Tokenize("Été").Exists(token => token.Id == id));
        Assert.IsFalse(Added(", \"normalized\": false").Tokenize("ÉTÉ").Exists(token => token.Id == id));
        Assert.IsTrue(Added(", \"normalized\": false").Tokenize("Été").Exists(token => token.Id == id));
    }

    [TestMethod]
    public void Albert_keeps_case_and_accents_on_request()
    {
        SentencePieceModelBuilder model = AlbertModel().Add("\u2581É", -1);
        Assert.AreEqual("\u2581É", Pieces(Load(Albert, model, """{"do_lower_case": false, "keep_accents": true}"""), model, "É"));
        TextTokenizer tokenizer = Load(Albert, model);
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 1, 1 }, tokenizer.Encode("the", "in", 8, Truncation.Head).TypeIds);
        Assert.AreEqual((0, 2, 3, 1, 4), (tokenizer.PadId, tokenizer.ClsId, tokenizer.SepId, tokenizer.UnkId, tokenizer.MaskId));
    }

    [TestMethod]
    public void Characters_are_replaced_by_the_models_map_and_spans_still_name_the_original()
    {
        SentencePieceModelBuilder model = DebertaModel(("\u2581", -2), ("fi", -1), ("x", -3), ("é", -3), ("\u2581x", -2));
        foreach ((string key, string replacement) in (ReadOnlySpan<(string, string)>)[("ﬁ", "fi"), ("e\u0301", "é"), ("e", "x"), ("\u0007", ""), ("\u3000", " "), ("…", "x x")])
            model.Replacements.Add(key, replacement);
        TextTokenizer tokenizer = Load(Deberta, model);
        const string Text = "ﬁe\u0301\u0007\u3000\u3000e …";
        Assert.AreEqual("\u2581 fi é \u2581x \u2581x \u2581x", Pieces(tokenizer, model, Text));
        CollectionAssert.AreEqual(new[] { "", "ﬁ", "e\u0301", "e", "…", "…" }, tokenizer.Tokenize(Text).Select(token => Text[token.Start..token.End]).ToArray());
    }

    [TestMethod]
    public void Spans_name_the_text_that_a_piece_spells()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            SentencePieceModelBuilder model = RandomModel(random);
            TextTokenizer tokenizer = Load(Deberta, model);
            for (int round = 0; round < 20; round++)
            {
                string text = RandomText(random);
                foreach (Token token in tokenizer.Tokenize(text).Where(token => token.Id != tokenizer.UnkId))
                    Assert.AreEqual(model.Pieces[token.Id].Text.Trim('\u2581'), text[token.Start..token.End].Trim(' '), $"'{text}'");
            }
        }
    }

    [TestMethod]
    public void Byte_fallback_spells_unknown_characters()
    {
        foreach (bool bpe in (bool[])[false, true])
        {
            SentencePieceModelBuilder model = DebertaModel(("\u2581", -1), ("a", -1));
            (model.Bpe, model.ByteFallback) = (bpe, true);
            for (int value = 0; value < 256; value++)
                model.Add($"<0x{value:X2}>", kind: 6);
            Assert.AreEqual("\u2581 a <0xC3> <0xA9> a", Pieces(Load(Deberta, model), model, "aéa"));
        }
    }

    [TestMethod]
    public void Its_files_load_it_again()
    {
        SentencePieceModelBuilder model = AlbertModel();
        TextTokenizer first = Load(Albert, model), again = TextTokenizer.Load(first.Files, "zip");
        CollectionAssert.AreEqual(new[] { Albert }, first.Files.Keys.ToArray());
        CollectionAssert.AreEqual(first.Encode("the cafe", null, 9, Truncation.Head).Ids, again.Encode("the cafe", null, 9, Truncation.Head).Ids);
    }

    [TestMethod]
    public void Damaged_files_are_refused_or_read_and_never_fail_otherwise()
    {
        SentencePieceModelBuilder model = AlbertModel();
        model.Replacements.Add("e\u0301", "é");
        byte[] sound = model.Build();
        int refused = 0;
        for (int seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            // The trie fills most of the file: damage its front and the header more often.
            byte[] damaged = seed % 3 == 0 ? sound[..random.Next(sound.Length)] : [.. sound];
            for (int hit = random.Next(1, 4); hit > 0 && damaged.Length > 0; hit--)
                damaged[random.Next(seed % 2 == 0 ? damaged.Length : Math.Min(damaged.Length, 700))] = (byte)random.Next(256);
            try
            {
                TextTokenizer.Load(new Dictionary<string, byte[]> { [Albert] = damaged }, "memory").Encode("The café (in 2080, e\u0301)", "x", 16, Truncation.Head);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                Assert.Contains($"memory/{Albert}", e.Message);
                refused++;
            }
        }
        Assert.IsGreaterThan(300, refused);
    }
}
