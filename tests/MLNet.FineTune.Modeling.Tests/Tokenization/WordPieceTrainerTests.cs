using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class WordPieceTrainerTests
{
    private static TrainedWordPiece Train(
        IEnumerable<string> texts, int size, int minFrequency = 2, bool lowerCase = true, int alphabet = 1000, MergeCriterion merge = MergeCriterion.Frequency) =>
        new WordPieceTrainer(new WordPieceTrainerOptions { VocabularySize = size, MinFrequency = minFrequency, LowerCase = lowerCase, LimitAlphabet = alphabet, Merge = merge }).Train(texts);

    [TestMethod]
    [DataRow(nameof(MergeCriterion.Frequency))]
    [DataRow(nameof(MergeCriterion.Likelihood))]
    public void Equals_counting_all_pairs_anew_before_each_merge(string criterion)
    {
        MergeCriterion merge = Enum.Parse<MergeCriterion>(criterion);
        for (int seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            // Few letters and much repetition: ties, overlaps (aaa) and unions reached by two ways occur in most rounds.
            string[] texts = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => string.Join(' ',
                Enumerable.Range(0, random.Next(1, 8)).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => (char)('a' + random.Next(random.Next(1, 4))))]))))];
            (int size, int minFrequency) = (random.Next(14, 60), random.Next(1, 4));
            CollectionAssert.AreEqual(Naive(texts, size, minFrequency, merge), Train(texts, size, minFrequency, merge: merge).Tokens.ToList(), $"seed {seed}");
        }
    }

    [TestMethod]
    public void Likelihood_prefers_pieces_that_hardly_occur_apart()
    {
        // "er" is the most frequent pair; "q" and "u" occur only together.
        string[] texts = ["her per der", "ever ere", "qu qu"];
        Assert.AreEqual("##er", First(texts, MergeCriterion.Frequency));
        Assert.AreEqual("qu", First(texts, MergeCriterion.Likelihood));
    }

    private static string First(string[] texts, MergeCriterion merge) => Train(texts, 100, merge: merge).Tokens.First(token => token.Replace("##", "", StringComparison.Ordinal).Length == 2);

    private static List<string> Naive(string[] texts, int size, int minFrequency, MergeCriterion merge)
    {
        List<List<string>> words = [.. texts.SelectMany(text => text.Split(' ')).Select(word => word.Select((letter, at) => at == 0 ? $"{letter}" : $"##{letter}").ToList())];
        List<string> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. words.SelectMany(word => word).Distinct().Order(StringComparer.Ordinal)];
        while (tokens.Count < size)
        {
            Dictionary<string, int> pieces = words.SelectMany(word => word).GroupBy(piece => piece).ToDictionary(group => group.Key, group => group.Count());
            double Score(int count, (string First, string Second) pair) => merge == MergeCriterion.Frequency ? count : count / ((double)pieces[pair.First] * pieces[pair.Second]);
            var best = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).Where(group => group.Count() >= minFrequency)
                .OrderByDescending(group => Score(group.Count(), group.Key)).ThenBy(group => tokens.IndexOf(group.Key.First)).ThenBy(group => tokens.IndexOf(group.Key.Second)).FirstOrDefault();
            if (best is null)
                break;
            string union = best.Key.First + best.Key.Second[2..];
            if (!tokens.Contains(union))
                tokens.Add(union);
            foreach (List<string> word in words)
                for (int at = 0; at + 1 < word.Count; at++)
                    if ((word[at], word[at + 1]) == best.Key)
                    {
                        word[at] = union;
                        word.RemoveAt(at + 1);
                    }
        }
        return tokens;
    }

    [TestMethod]
    public void Spells_its_own_text_without_unknowns_and_shorter_than_characters()
    {
        string[] texts = [.. File.ReadLines(Path.Combine(SharedData.Require("data", "trec"), "train.tsv")).Skip(1).Take(2000).Select(line => line.Split('\t')[0])];
        TrainedWordPiece trained = Train(texts, 2000);
        Assert.HasCount(2000, trained.Tokens);
        TextTokenizer tokenizer = TextTokenizer.Load(trained.Files, "trained");
        List<int> ids = [.. texts.SelectMany(text => tokenizer.Tokenize(text).Select(token => token.Id))];
        Assert.DoesNotContain(tokenizer.UnkId, ids);
        int letters = texts.Sum(text => text.Count(character => !char.IsWhiteSpace(character)));
        Assert.IsLessThan(letters / 2, ids.Count);
    }

    [TestMethod]
    public void The_same_text_in_another_order_gives_the_same_files()
    {
        string[] texts = ["The cat sat on the mat.", "The café — the CAT!", "mats and cats, cafés"];
        TrainedWordPiece first = Train(texts, 60), second = Train(texts.Reverse(), 60);
        CollectionAssert.AreEqual(first.Files["vocab.txt"], second.Files["vocab.txt"]);
        Assert.Contains("cafe", first.Tokens);
        Assert.Contains("the", first.Tokens);
    }

    [TestMethod]
    public void Case_is_kept_on_request_and_by_the_tokenizer_it_makes()
    {
        TrainedWordPiece trained = Train(["Aa aa Aa aa É"], 40, lowerCase: false);
        Assert.Contains("Aa", trained.Tokens);
        TextTokenizer tokenizer = TextTokenizer.Load(trained.Files, "trained");
        CollectionAssert.AreEqual(new[] { "Aa", "aa", "É" }, tokenizer.Tokenize("Aa aa É").Select(token => trained.Tokens[token.Id]).ToArray());
    }

    [TestMethod]
    public void Rare_characters_beyond_the_limit_are_left_out_with_their_words()
    {
        TrainedWordPiece trained = Train(["aaab aaab aaab", "xyaa xyaa"], 40, alphabet: 2);
        CollectionAssert.AreEquivalent(new[] { "a", "##a", "##b", "##aa", "aaa", "aaab" }.Where(trained.Tokens.Contains).ToArray(), trained.Tokens.Skip(5).ToArray());
        Assert.Contains("aaab", trained.Tokens);
    }

    [TestMethod]
    public void Saves_files_that_load_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        TrainedWordPiece trained = Train(["ab ab abc"], 30);
        trained.Save(folder.File("model"));
        trained.Save(folder.File("model"));
        CollectionAssert.AreEquivalent(new[] { "vocab.txt", "tokenizer_config.json" }, Directory.GetFiles(folder.File("model")).Select(Path.GetFileName).ToArray());
        Assert.AreEqual(trained.Tokens.Count, TextTokenizer.Load(folder.File("model")).VocabularySize);
    }

    [TestMethod]
    public void Nothing_to_learn_from_and_too_small_a_size_are_errors()
    {
        Assert.Contains("no words", Assert.ThrowsExactly<InvalidOperationException>(() => Train([" ", ""], 100)).Message);
        Assert.Contains("raise VocabularySize", Assert.ThrowsExactly<InvalidOperationException>(() => Train(["abcdefgh"], 10)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Train(["a"], 5));
    }

    [TestMethod]
    public void Stops_when_cancelled() =>
        Assert.ThrowsExactly<OperationCanceledException>(() => new WordPieceTrainer(new WordPieceTrainerOptions()).Train(["a"], new CancellationToken(canceled: true)));
}
