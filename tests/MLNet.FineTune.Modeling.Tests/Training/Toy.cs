using MLNet.FineTune.Losses;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Training;

/// <summary>A small perceptron with dropout on two noisy clouds of points: everything a training loop needs, in milliseconds.</summary>
internal sealed class Toy : IDisposable
{
    public const int Rows = 203;
    private const int Features = 6;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _points;
    private readonly Linear _hidden, _output;
    private readonly SoftmaxCrossEntropy _loss = new();
    private readonly double _dropout;

    public Toy(int seed = 1, double dropout = 0.2, double spread = 1.0, ScalarType? dtype = null)
    {
        _dropout = dropout;
        manual_seed(seed);
        var random = new Random(seed);
        Labels = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(2))];
        _points = randn(Rows, Features).Mul(spread).Add(tensor([.. Labels.Select(label => label - 0.5f)]).unsqueeze(1));
        _hidden = nn.Linear(Features, 8);
        _output = nn.Linear(8, 2);
        Groups = ParameterGroups.Build(Named.Select(p => (p.Name, p.Parameter, (int?)null)), new TrainingOptions(), 0);
    }

    public int[] Labels { get; }

    public IReadOnlyList<ParameterGroup> Groups { get; set; }

    public IEnumerable<NamedParameter> Named =>
        [new("hidden.weight", _hidden.weight!), new("hidden.bias", _hidden.bias!), new("output.weight", _output.weight!), new("output.bias", _output.bias!)];

    public Tensor Logits(int[] rows, bool training)
    {
        Tensor x = _points.index_select(0, tensor([.. rows.Select(row => (long)row)]));
        Tensor hidden = nn.functional.relu(_hidden.forward(x));
        return _output.forward(nn.functional.dropout(hidden, _dropout, training));
    }

    public double Accuracy()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        float[] logits = [.. Logits([.. Enumerable.Range(0, Rows)], training: false).data<float>()];
        return ClassificationMetrics.Compute(ValidationMetric.Accuracy, logits, Labels, 2);
    }

    /// <summary>All parameters as one row of numbers.</summary>
    public float[] Weights() => [.. Named.SelectMany(p => p.Parameter.data<float>().ToArray())];

    public TrainingTask Task(
        int batchSize = 16, IValidator? validator = null, IReadOnlyList<ITrainingCallback>? callbacks = null,
        Action? checkAlive = null, TimeProvider? clock = null, string data = "toy", ITrainingObjective? objective = null) => new()
        {
            Groups = Groups,
            Objective = objective ?? new ClassificationObjective(rows => Logits(rows, training: true), Labels, _loss),
            Sampler = new LengthBucketedSampler([.. Enumerable.Range(0, Rows).Select(i => 5 + i * 7 % 23)], batchSize, seed: 5),
            Validator = validator,
            Callbacks = callbacks ?? [],
            Seed = 5,
            DataFingerprint = data,
            CheckAlive = checkAlive,
            Clock = clock ?? TimeProvider.System,
        };

    public void Dispose()
    {
        _loss.Dispose();
        _hidden.Dispose();
        _output.Dispose();
        _scope.Dispose();
    }
}

/// <summary>Keeps what the loop said at each step.</summary>
internal sealed class Recorder : ITrainingCallback
{
    public List<double> Losses { get; } = [];

    public List<double> LearningRates { get; } = [];

    public List<double> Norms { get; } = [];

    public List<string> Events { get; } = [];

    public Action<TrainingState>? AfterStep { get; init; }

    public void OnTrainingStart(TrainingState state) => Events.Add("start");

    public void OnStepStart(TrainingState state) => Events.Add("step");

    public void OnGradients(TrainingState state) => Events.Add("gradients");

    public void OnStepEnd(TrainingState state)
    {
        Events.Add("stepped");
        Losses.Add(state.Loss);
        LearningRates.Add(state.LearningRate);
        Norms.Add(state.GradientNorm);
        AfterStep?.Invoke(state);
    }

    public void OnEpochEnd(TrainingState state) => Events.Add("epoch");

    public void OnTrainingEnd(TrainingState state) => Events.Add("end");
}

/// <summary>A validator that returns given numbers.</summary>
internal sealed class ScriptedValidator(bool higherIsBetter, params double[] values) : IValidator
{
    public int Evaluations { get; private set; }

    public bool HigherIsBetter => higherIsBetter;

    public double Evaluate(Action checkAlive)
    {
        checkAlive();
        return values[Math.Min(Evaluations++, values.Length - 1)];
    }
}

/// <summary>A clock that moves a fixed time whenever it is read.</summary>
internal sealed class SteppingClock(TimeSpan step) : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks += step.Ticks;
}
