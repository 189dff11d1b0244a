using MLNet.FineTune.Models;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Tests.Tokenization;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.QuestionAnswering;

/// <summary>The best answers of all windows, against every range there is.</summary>
[TestClass]
public sealed class AnswerSearchTests
{
    private static readonly TextTokenizer Tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("x", "y")));

    [TestMethod]
    [DataRow(60, 4, 3)]
    [DataRow(60, 4, 40)]
    [DataRow(5, 30, 25)]
    [DataRow(1, 1, 1)]
    public void Are_those_of_all_ranges(int words, int longest, int topK)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            var rules = new AnswerRules(7, longest, topK, null);
            (IReadOnlyList<ContextWindow> windows, float[][] logits) = Make(words, rules, seed);
            var scores = new Dictionary<(int, int), float>();
            foreach ((ContextWindow window, float[] values) in windows.Zip(logits))
                for (int i = 0; i < window.Count; i++)
                    for (int j = i; j < window.Count && j - i < longest; j++)
                    {
                        (int, int) range = (window.Context[window.First + i].Start, window.Context[window.First + j].End - window.Context[window.First + i].Start);
                        scores[range] = Math.Max(scores.GetValueOrDefault(range, float.NegativeInfinity), values[2 * (i + 1)] + values[2 * (j + 1) + 1]);
                    }
            KeyValuePair<(int Start, int Length), float>[] best = [.. scores.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(Math.Max(20, topK))];
            double sum = best.Sum(pair => Math.Exp(pair.Value));

            FoundAnswer[] found = Search(rules, windows, logits);

            Assert.HasCount(Math.Min(topK, best.Length), found);
            for (int place = 0; place < found.Length; place++)
            {
                Assert.AreEqual(best[place].Key, (found[place].Start, found[place].Length));
                Assert.AreEqual(best[place].Value, found[place].Score);
                Assert.AreEqual(Math.Exp(best[place].Value) / sum, found[place].Probability, 1e-5);
            }
        }
    }

    /// <summary>As SQuAD 2's baseline decides: no answer where its score, the least of all windows, is above the best answer's by more than the threshold.</summary>
    [TestMethod]
    public void No_answer_is_given_above_the_threshold()
    {
        var rules = new AnswerRules(7, 4, 5, 0);
        (IReadOnlyList<ContextWindow> windows, float[][] logits) = Make(40, rules, seed: 3);
        float none = logits.Min(values => values[0] + values[1]);
        FoundAnswer best = Search(rules with { NullScoreThreshold = null }, windows, logits)[0];
        double difference = none - best.Score;

        FoundAnswer[] answered = Search(rules with { NullScoreThreshold = difference }, windows, logits), not = Search(rules with { NullScoreThreshold = difference - 1e-3 }, windows, logits);

        Assert.AreEqual((best.Start, best.Length), (answered[0].Start, answered[0].Length));
        Assert.AreEqual((-1, 0, none), (not[0].Start, not[0].Length, not[0].Score));
        Assert.AreEqual((best.Start, best.Length), (not[1].Start, not[1].Length));
        Assert.AreEqual("", not[0].In("context"));
        FoundAnswer[] all = Search(rules with { TopK = 1000 }, windows, logits);
        Assert.AreEqual(1, all.Sum(answer => answer.Probability), 1e-5);
        Assert.AreEqual(1, all.Count(answer => answer.IsNone));
        Assert.IsTrue(all.Where(answer => !answer.IsNone).Skip(1).Zip(all.Where(answer => !answer.IsNone)).All(pair => pair.First.Score <= pair.Second.Score));
        // Its place among the others is by score, but for the first one.
        int place = Array.FindIndex(all, answer => answer.IsNone);
        Assert.IsTrue(all[..place].All(answer => answer.Score >= none) && all[(place + 1)..].All(answer => answer.Score <= none));
    }

    [TestMethod]
    public void A_context_without_tokens_has_no_answer()
    {
        var rules = new AnswerRules(7, 4, 2, null);
        (IReadOnlyList<ContextWindow> windows, float[][] logits) = Make(0, rules, seed: 1);
        Assert.IsEmpty(Search(rules, windows, logits));
        FoundAnswer none = Search(rules with { NullScoreThreshold = 100 }, windows, logits).Single();
        Assert.AreEqual((true, 1f), (none.IsNone, none.Probability));
        Assert.IsEmpty(Search(rules, Make(3, rules, 1).Windows, [[float.NaN, 0, float.NaN, 0, float.NaN, 0, float.NaN, 0]]));
    }

    [TestMethod]
    public void Answers_are_written_as_numbers_and_read_back()
    {
        var numbers = new float[9];
        FoundAnswer.Write([new(5, 3, 1.5f, 0.75f), FoundAnswer.None(1) with { Probability = 0.25f }], numbers);
        Assert.AreEqual((5, 3, 0.75f), Read(0));
        Assert.AreEqual((-1, 0, 0.25f), Read(1));
        Assert.AreEqual((-1, 0, float.NaN), Read(2));

        (int, int, float) Read(int place)
        {
            FoundAnswer answer = FoundAnswer.Read(numbers, place);
            return (answer.Start, answer.Length, answer.Probability);
        }
    }

    private static FoundAnswer[] Search(AnswerRules rules, IReadOnlyList<ContextWindow> windows, float[][] logits)
    {
        var search = new AnswerSearch(rules);
        foreach ((ContextWindow window, float[] values) in windows.Zip(logits))
            search.Add(window, values);
        return search.Best();
    }

    /// <summary>Windows that overlap, with random logits of few values, so that scores are often equal.</summary>
    private static (IReadOnlyList<ContextWindow> Windows, float[][] Logits) Make(int words, AnswerRules rules, int seed)
    {
        var random = new Random(seed);
        IReadOnlyList<ContextWindow> windows = ContextWindows.Encode([new TextInput("x", string.Join(' ', Enumerable.Repeat("y", words)))], Tokenizer, false, 18, rules)[0];
        return (windows, [.. windows.Select(window => Enumerable.Range(0, 2 * (window.Count + 1)).Select(_ => random.Next(-12, 12) / 4f).ToArray())]);
    }
}
