using Microsoft.ML;

namespace MLNet.FineTune.Tests.WeakSupervision;

/// <summary>Ten labelling functions on the comments of YouTube videos, each of which votes for one class only.</summary>
[TestClass]
public sealed class RealVotesTests
{
    private readonly MLContext _ml = new(7);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Learnt_models_are_no_worse_than_the_majority()
    {
        double majority = Accuracy("majority vote", new MajorityVote());
        Accuracy("weighted vote", new WeightedVote());
        Assert.IsGreaterThanOrEqualTo(majority - 0.005, Accuracy("Dawid and Skene", new DawidSkene()));
        Assert.IsGreaterThanOrEqualTo(majority - 0.005, Accuracy("data programming", new DataProgramming()));
    }

    [TestMethod]
    public void Dependent_functions_are_found_and_help()
    {
        double majority = Accuracy("majority vote", new MajorityVote());
        Assert.IsGreaterThanOrEqualTo(majority - 0.005, Accuracy("data programming with dependencies", new DataProgramming { DetectDependencies = true }));
    }

    private double Accuracy(string name, LabelModel method)
    {
        string[][] lines = [.. File.ReadLines(SharedData.Require("data", "youtube_weak", "train.tsv")).Skip(1).Select(line => line.Split('\t'))];
        IDataView votes = _ml.Data.LoadFromEnumerable(lines.Select(line => new Comment { Label = line[1], Votes = [.. line[2].Split(',').Select(float.Parse)] }));
        LabelModelReport report = _ml.FineTuning().FitLabelModel(votes, new LabelModelOptions { ClassNames = ["ham", "spam"], Method = method });
        Assert.IsTrue(report.Converged, name);
        int[] covered = [.. Enumerable.Range(0, lines.Length).Where(row => report.Labels[row] >= 0)];
        double accuracy = covered.Count(row => report.ClassNames[report.Labels[row]] == lines[row][1]) / (double)covered.Length;
        TestContext.WriteLine($"{name}: {100 * accuracy:0.00} % of {covered.Length} covered rows; {report.LogLikelihoods.Count} iterations; dependent: {string.Join(' ', report.Dependencies)}");
        TestContext.WriteLine(report.ToTable());
        return accuracy;
    }

    private sealed class Comment
    {
        public string Label { get; set; } = "";

        public float[] Votes { get; set; } = [];
    }
}
