using MLNet.FineTune;

namespace SelfTraining;

/// <summary>The methods that can be asked for, by name.</summary>
internal static class Methods
{
    public const string Default = "em";

    private static readonly Dictionary<string, Func<int, SelfTrainingMethod>> All = new()
    {
        // Classes that are predicted often shall not drown the others, and doubtful labels are left out.
        ["pseudo"] = rounds => new PseudoLabelPretraining { Rounds = rounds, Threshold = 0.5, Balance = PseudoLabelBalance.Weights, Pretraining = new TrainingOptions { Epochs = 4, BatchSize = 16 } },
        ["em"] = rounds => new ExpectationMaximization { Rounds = rounds, SelfTraining = new TrainingOptions { Epochs = 4, BatchSize = 16 } },
        ["semievol"] = rounds => new SemiEvol { Rounds = rounds, Evolution = new TrainingOptions { Epochs = 4, BatchSize = 16 } },
        // COSINE labels anew while it trains: each time is a round.
        ["cosine"] = rounds => new Cosine { TrustLabels = true, Steps = 40 * rounds, UpdateEverySteps = 40, ConfidenceThreshold = 0.3 },
        ["list"] = rounds => new LitePromptedSelfTraining { Rounds = rounds, Steps = 60 },
        ["distill"] = _ => new SelfDistillation { LabeledWeight = 1, Distillation = new TrainingOptions { Epochs = 4, BatchSize = 16 } },
    };

    public static IEnumerable<string> Names => All.Keys;

    /// <exception cref="ArgumentException">There is no such method.</exception>
    public static SelfTrainingMethod Create(string name, int rounds) => All.TryGetValue(name, out Func<int, SelfTrainingMethod>? create) ? create(rounds)
        : throw new ArgumentException($"--method is '{name}'; expected one of {string.Join(", ", Names)}.");
}
