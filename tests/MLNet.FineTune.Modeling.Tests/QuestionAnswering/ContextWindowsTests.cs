using MLNet.FineTune.Models;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Tests.Tokenization;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.QuestionAnswering;

/// <summary>How contexts are cut into windows, and how answers are found in them and back.</summary>
[TestClass]
public sealed class ContextWindowsTests
{
    // The vocabulary of TinyVocabulary.Bert begins with [PAD] [UNK] [CLS] [SEP] [MASK].
    private const int Cls = 2, Sep = 3;

    private static readonly string[] Letters = [.. Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString())];
    private static readonly TextTokenizer Tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert([.. Letters, .. Letters.Select(letter => "##" + letter), "ist"])));

    /// <summary>Window by window as run_squad cuts them: a slice of the context's tokens at each stride, until one reaches the end.</summary>
    [TestMethod]
    [DataRow(40, 4, 12, 3, 3)]
    [DataRow(40, 128, 12, 3, 5)] // the stride gives way to the longest answer: five tokens of the context fit beside the question
    [DataRow(40, 4, 30, 40, 3)] // and to half a window
    [DataRow(3, 4, 12, 3, 3)]
    [DataRow(0, 4, 12, 3, 3)]
    public void Windows_are_slices_of_the_context(int length, int stride, int maxLength, int longest, int questionLength)
    {
        string context = Words(length, 1), question = Words(questionLength, 2);
        int[] asked = Ids(question), told = Ids(context);
        int kept = Math.Min(asked.Length, (maxLength - 3) / 2), room = maxLength - 3 - kept;
        int step = Math.Min(stride, Math.Max(room / 2, room - longest + 1));
        List<int[]> expected = [];
        for (int at = 0; ; at += step)
        {
            expected.Add([Cls, .. asked[..kept], Sep, .. told.Skip(at).Take(room), Sep]);
            if (at + room >= told.Length)
                break;
        }

        IReadOnlyList<ContextWindow> windows = Encode(question, context, maxLength, new AnswerRules(stride, longest, 1, null));

        Assert.HasCount(expected.Count, windows);
        foreach ((int[] ids, ContextWindow window) in expected.Zip(windows))
        {
            CollectionAssert.AreEqual(ids, window.Encoding.Ids);
            CollectionAssert.AreEqual(ids.Select((_, at) => at > kept + 1 ? 1 : 0).ToArray(), window.Encoding.TypeIds);
            CollectionAssert.AreEqual((int[])[0, .. Enumerable.Range(kept + 2, window.Count)], window.Encoding.WordTokens);
        }
    }

    /// <summary>Every answer of up to the longest length is whole in a window at least, and the tokens there are those of its characters.</summary>
    [TestMethod]
    [DataRow(64, 128, 5)]
    [DataRow(20, 3, 8)]
    [DataRow(17, 100, 2)]
    public void Every_answer_is_whole_in_a_window(int maxLength, int stride, int longest)
    {
        string context = Words(120, 3), question = Words(5, 4);
        IReadOnlyList<ContextWindow> windows = Encode(question, context, maxLength, new AnswerRules(stride, longest, 1, null));
        ContextTokens tokens = windows[0].Context;
        int[] told = Ids(context);
        for (int first = 0; first < tokens.Count; first++)
            for (int last = first; last < Math.Min(tokens.Count, first + longest); last++)
            {
                int start = tokens[first].Start, length = tokens[last].End - start;
                Assert.AreEqual((first, last), tokens.Locate(start, length));
                (int Start, int End)[] places = [.. windows.Select(window => window.Place((first, last)))];
                Assert.IsTrue(places.Any(place => place.Start > 0), $"tokens {first} to {last}");
                foreach ((ContextWindow window, (int from, int to)) in windows.Zip(places))
                    if (from > 0)
                        CollectionAssert.AreEqual(told[first..(last + 1)], window.Encoding.Ids[from..(to + 1)]);
                    else
                        Assert.IsTrue(first < window.First || last >= window.End);
            }
    }

    [TestMethod]
    public void Answers_are_located_by_their_characters()
    {
        //            0123456789
        ContextTokens tokens = Encode("q", "ab  c. de", 32, new AnswerRules(8, 8, 1, null))[0].Context; // a ##b c [UNK] d ##e
        Assert.AreEqual(6, tokens.Count);
        Assert.AreEqual((0, 1), tokens.Locate(0, 2));
        Assert.AreEqual((1, 2), tokens.Locate(1, 4));
        Assert.AreEqual((2, 2), tokens.Locate(3, 2), "White space before the answer belongs to no token.");
        Assert.AreEqual((2, 5), tokens.Locate(4, 5));
        Assert.IsNull(tokens.Locate(2, 2), "White space alone has no token.");
    }

    /// <summary>Lower case makes two letters of İ: places are those of the text as it was.</summary>
    [TestMethod]
    public void Lower_casing_does_not_move_answers()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("i", "##st", "ist", "i\u0307st", "x")), ("tokenizer_config.json", """{"do_lower_case": false}"""));
        ContextTokens tokens = ContextWindows.Encode([new TextInput("x", "X \u0130st X")], tokenizer, lowerCase: true, 32, new AnswerRules(8, 8, 1, null))[0][0].Context;
        Assert.AreEqual(3, tokens.Count);
        Assert.AreEqual((2, 5), (tokens[1].Start, tokens[1].End));
        Assert.AreEqual((6, 7), (tokens[2].Start, tokens[2].End));
        Assert.AreEqual((1, 1), tokens.Locate(2, 3));
    }

    [TestMethod]
    public void Windows_without_the_answer_point_at_the_first_token()
    {
        string context = Words(40, 5);
        IReadOnlyList<ContextWindow> windows = Encode("q", context, 14, new AnswerRules(5, 3, 1, null));
        int start = windows[0].Context[20].Start;
        AnswerWindow[] answers = [.. AnswerWindow.Of(7, windows, new GoldAnswers([context.Substring(start, 1)], [start]))];
        foreach (AnswerWindow answer in answers)
            Assert.AreEqual(answer.Window.First <= 20 && 20 < answer.Window.End ? 20 - answer.Window.First + 3 : 0, answer.Start);
        Assert.IsTrue(answers.Any(answer => answer.Start > 0) && answers.Any(answer => answer.Start == 0));
        Assert.IsTrue(answers.All(answer => answer is { Row: 7 } && answer.Start == answer.End));
        Assert.IsTrue(AnswerWindow.Of(0, windows, GoldAnswers.None).All(answer => answer is { Start: 0, End: 0 }));
    }

    /// <summary>A context is tokenised once for all its questions.</summary>
    [TestMethod]
    public void Questions_share_the_tokens_of_their_context()
    {
        string context = Words(10, 6);
        IReadOnlyList<ContextWindow>[] windows = ContextWindows.Encode([new("a", context), new("b c", new string(context)), new("a", "b")], Tokenizer, false, 32, new AnswerRules(8, 8, 1, null));
        Assert.AreSame(windows[0][0].Context, windows[1][0].Context);
        Assert.AreNotSame(windows[0][0].Context, windows[2][0].Context);
        Assert.Contains("Question 0 has no context", Assert.ThrowsExactly<AggregateException>(() => ContextWindows.Encode([new("a")], Tokenizer, false, 32, new AnswerRules(8, 8, 1, null))).InnerException!.Message);
        Assert.Contains("16777217 characters", Assert.ThrowsExactly<ArgumentException>(() => new ContextTokens(Tokenizer, false, new string('a', ContextTokens.MaximumLength + 1))).Message);
    }

    private static IReadOnlyList<ContextWindow> Encode(string question, string context, int maxLength, AnswerRules rules) =>
        ContextWindows.Encode([new TextInput(question, context)], Tokenizer, lowerCase: false, maxLength, rules)[0];

    private static int[] Ids(string text) => [.. Tokenizer.Tokenize(text).Select(token => token.Id)];

    /// <summary>So many tokens, in words of one or two, with white space of various widths.</summary>
    private static string Words(int tokens, int seed)
    {
        var random = new Random(seed);
        return string.Concat(Enumerable.Range(0, tokens).Select(i => (i == 0 || random.Next(3) == 0 ? "" : new string(' ', random.Next(1, 4))) + Letters[random.Next(26)]));
    }
}
