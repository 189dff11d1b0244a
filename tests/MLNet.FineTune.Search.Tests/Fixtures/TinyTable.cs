using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using LbfgsOptions = Microsoft.ML.Trainers.LbfgsMaximumEntropyMulticlassTrainer.Options;

namespace MLNet.FineTune.Search.Tests.Fixtures;

/// <summary>Rows of numbers in three classes, and a search over ML.NET's own trainer that takes milliseconds.</summary>
internal static class TinyTable
{
    /// <summary>Rows whose first two numbers say something of the class, of 0.6 / 0.3 / 0.1 of the rows.</summary>
    public static Row[] Rows(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int label = (i % 10) switch { < 6 => 0, < 9 => 1, _ => 2 };
            float[] features = [.. Enumerable.Range(0, 4).Select(k => (float)(random.NextDouble() * 3 + (k == label ? 1.0 : 0)))];
            return new Row { Id = i, Intent = $"class {label}", Features = features, Target = features[0] - 2 * features[1] };
        })];
    }

    /// <summary>The rows, with the class as key <c>Label</c>.</summary>
    public static IDataView Data(MLContext ml, int count, int seed = 1)
    {
        IDataView classes = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(i => new Row { Intent = $"class {i}" }));
        return ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(classes).Transform(ml.Data.LoadFromEnumerable(Rows(count, seed)));
    }

    public static TrainerSearchOptions<LbfgsOptions> Options(MLContext ml, int trials = 5) => new()
    {
        TrainingSet = Data(ml, 90),
        ValidationSet = Data(ml, 60, seed: 2),
        CreateTrainer = (context, options) => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(options),
        Defaults = new LbfgsOptions { NumberOfThreads = 1, MaximumNumberOfIterations = 20 },
        Space = new ParameterSpaceBuilder().Real(nameof(LbfgsOptions.L2Regularization), 1e-3, 100, logarithmic: true).Integer(nameof(LbfgsOptions.HistorySize), 2, 20).Build(),
        Objectives = [TrainerObjective.LogLoss(), TrainerObjective.ModelBytes],
        Tuner = new RandomTuner(),
        MaxTrials = trials,
    };

    public sealed class Row
    {
        public int Id { get; set; }

        public string Intent { get; set; } = "";

        [VectorType(4)]
        public float[] Features { get; set; } = [0, 0, 0, 0];

        public float Target { get; set; }
    }
}
