using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune.Tests.WeakSupervision;

[TestClass]
public sealed class LabelingFunctionsTests
{
    private readonly MLContext _ml = new(7);

    internal static LabelingFunctions<Comment> Functions => new LabelingFunctions<Comment>(["ham", "spam"])
        .Add("has link", c => c.Text?.Contains("http", StringComparison.Ordinal) == true ? "spam" : null)
        .AddKeyword("subscribe", "spam", c => c.Text, "subscribe", "my channel")
        .AddRegex("shouting", "spam", c => c.Text, "!{3,}")
        .AddLength("short", "ham", c => c.Text, maximum: 3)
        .Add("likes", c => c.Likes > 10 ? 0 : -1);

    internal static readonly Comment[] Comments =
    [
        new() { Text = "see http://x.y and SUBSCRIBE!!!", Likes = 0, Label = "spam" },
        new() { Text = "great song", Likes = 20, Label = "ham" },
        new() { Text = "unsubscribed people love this song", Likes = 1, Label = "ham" },
        new() { Text = "watch My Channel", Likes = 12, Label = "spam" },
        new() { Text = "one two three four", Likes = 11, Label = "" },
    ];

    [TestMethod]
    public void Votes_are_a_lazy_column_with_names()
    {
        int calls = 0;
        LabelingFunctions<Comment> functions = Functions.Add("counting", _ => ++calls > 0 ? -1 : 0);
        IDataView votes = _ml.FineTuning().ApplyLabelingFunctions(_ml.Data.LoadFromEnumerable(Comments), functions, "V");
        functions.Add("too late", _ => 0);
        Assert.AreEqual(0, calls);
        int[][] found = [.. votes.GetColumn<int[]>("V")];
        Assert.AreEqual(Comments.Length, calls);
        int[][] expected = [[1, 1, 1, -1, -1, -1], [-1, -1, -1, 0, 0, -1], [-1, -1, -1, -1, -1, -1], [-1, 1, -1, 0, 0, -1], [-1, -1, -1, -1, 0, -1]];
        for (int row = 0; row < expected.Length; row++)
            CollectionAssert.AreEqual(expected[row], found[row], $"row {row}");
        VoteColumn column = VoteColumn.Bind(votes.Schema, "V", "votes");
        CollectionAssert.AreEqual(new[] { "has link", "subscribe", "shouting", "short", "likes", "counting" }, column.FunctionNames);
        CollectionAssert.AreEqual(new[] { "ham", "spam" }, column.ClassNames);
        CollectionAssert.AreEqual(expected[3], functions.Apply(Comments[3])[..6]);
    }

    /// <summary>The numbers below are counted by hand from the votes of the test above.</summary>
    [TestMethod]
    public void The_report_counts_coverage_overlap_conflict_and_accuracy()
    {
        IDataView votes = _ml.FineTuning().ApplyLabelingFunctions(_ml.Data.LoadFromEnumerable(Comments), Functions);
        LabelingReport report = _ml.FineTuning().DescribeLabelingFunctions(votes, labelColumnName: "Label");
        Assert.AreEqual(new LabelingReport(report.Functions, 5, 0.8, 0.6, 0.2), report);
        Is(report.Functions[0], "has link", "spam", 1, 0.2, 0.2, 0, 1, 1);
        Is(report.Functions[1], "subscribe", "spam", 2, 0.4, 0.4, 0.2, 2, 1);
        Is(report.Functions[3], "short", "ham", 2, 0.4, 0.4, 0.2, 1, 0.5);
        Is(report.Functions[4], "likes", "ham", 3, 0.6, 0.4, 0.2, 1, 0.5);
        string table = report.ToTable();
        foreach (string part in (string[])["function", "accuracy", "subscribe  ", "40.0 %", "5 rows: 80.0 % have a vote, 60.0 % two or more, 20.0 % different ones."])
            StringAssert.Contains(table, part);

        LabelingReport blind = _ml.FineTuning().DescribeLabelingFunctions(votes);
        Assert.IsTrue(blind.Functions.All(function => function.Accuracy is null && function.CorrectCount is null));
        Assert.IsFalse(blind.ToTable().Contains("accuracy", StringComparison.Ordinal));

        static void Is(LabelingFunctionReport found, string name, string polarity, int count, double coverage, double overlap, double conflict, int correct, double accuracy)
        {
            Assert.AreEqual((name, polarity, count, (int?)correct, (double?)accuracy), (found.Name, string.Join('|', found.Polarity), found.VoteCount, found.CorrectCount, found.Accuracy));
            SyntheticVotes.AreClose([coverage, overlap, conflict], [found.Coverage, found.Overlap, found.Conflict], 1e-12);
        }
    }

    [TestMethod]
    public void True_labels_may_be_keys_texts_or_numbers()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Comments.Take(4).Select(c => new { c.Text, c.Likes, c.Label, Number = c.Label == "spam" ? 1 : 0, Real = c.Label == "spam" ? 1f : float.NaN }));
        IDataView votes = _ml.FineTuning().ApplyLabelingFunctions(data, Functions);
        // The key's first value is spam, the classes' first is ham.
        IDataView keys = _ml.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(votes).Transform(votes);
        string expected = _ml.FineTuning().DescribeLabelingFunctions(votes, labelColumnName: "Label").ToTable();
        Assert.AreEqual(expected, _ml.FineTuning().DescribeLabelingFunctions(keys, labelColumnName: "Key").ToTable());
        Assert.AreEqual(expected, _ml.FineTuning().DescribeLabelingFunctions(votes, labelColumnName: "Number").ToTable());
        Assert.AreEqual(0, _ml.FineTuning().DescribeLabelingFunctions(votes, labelColumnName: "Real").Functions[3].CorrectCount);
        Says<ArgumentOutOfRangeException>(() => _ml.FineTuning().DescribeLabelingFunctions(keys, labelColumnName: "Key", classNames: ["spam", "eggs"]), "'Key'", "'spam', 'eggs'", "'ham'");
        Says<InvalidOperationException>(() => _ml.FineTuning().DescribeLabelingFunctions(votes, labelColumnName: "Label", classNames: ["spam", "eggs"]), "row 1", "'ham'", "'eggs'");
    }

    [TestMethod]
    public void Mistakes_are_named()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Comments);
        Says<ArgumentException>(() => _ = new LabelingFunctions<Comment>(["one"]), "1 class names", "2 to");
        Says<ArgumentException>(() => _ = new LabelingFunctions<Comment>(["one", "one"]), "'one' occurs 2 times");
        Says<ArgumentException>(() => Functions.Add("short", _ => 0), "two labelling functions", "'short'");
        Says<ArgumentException>(() => Functions.AddKeyword("k", "eggs", c => c.Text, "word"), "'k'", "'eggs'", "'ham', 'spam'");
        Says<ArgumentException>(() => Functions.AddKeyword("k", "spam", c => c.Text), "'k'", "no keyword");
        Says<ArgumentException>(() => _ml.FineTuning().ApplyLabelingFunctions(data, new LabelingFunctions<Comment>(["a", "b"])), "no labelling function");
        Says<InvalidOperationException>(() => Functions.Add("odd", _ => "eggs").Apply(Comments[0]), "'odd'", "'eggs'", "'ham', 'spam'");
        Says<InvalidOperationException>(() => Functions.Add("odd", _ => 2).Apply(Comments[0]), "'odd'", "gave 2", "to 1");
        Says<InvalidOperationException>(() => Functions.Add("careless", c => c.Text!.Substring(0, 99)).Apply(Comments[0]), "'careless' failed");
        Says<InvalidOperationException>(() => Functions.Add("hasty", c => c.Text!.Split(' ').First(word => word == "?")).Apply(Comments[0]), "'hasty' failed", "no matching element");
        Says<InvalidOperationException>(() => Functions.AddKeyword("reader", "spam", c => new[] { c.Text }.Single(text => text == "?"), "word").Apply(Comments[0]), "'reader' failed");
    }

    internal static void Says<T>(Action act, params string[] parts) where T : Exception
    {
        string message = Assert.ThrowsExactly<T>(act).Message;
        foreach (string part in parts)
            StringAssert.Contains(message, part);
    }

    internal sealed class Comment
    {
        public string? Text { get; set; }

        public int Likes { get; set; }

        public string Label { get; set; } = "";
    }
}
