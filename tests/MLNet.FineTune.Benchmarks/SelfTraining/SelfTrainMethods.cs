namespace MLNet.FineTune.Benchmarks.SelfTraining;

/// <summary>The methods that are compared, by name.</summary>
internal static class SelfTrainMethods
{
    /// <summary>Labels that are right may be learnt as long as supervised training does.</summary>
    private const int NoLimit = 1_000_000;

    /// <summary>With few labels that are right.</summary>
    public static IReadOnlyDictionary<string, Func<SelfTrainSettings, SelfTrainingMethod>> FewLabels { get; } = new Dictionary<string, Func<SelfTrainSettings, SelfTrainingMethod>>
    {
        ["pseudo"] = s => new PseudoLabelPretraining { Pretraining = s.UnlabeledTraining },
        ["pseudo-balanced"] = s => new PseudoLabelPretraining { Pretraining = s.UnlabeledTraining, Threshold = 0.5, Balance = PseudoLabelBalance.Weights },
        ["pseudo-soft"] = s => new PseudoLabelPretraining { Pretraining = s.UnlabeledTraining, Labels = PseudoLabelKind.Soft },
        ["cosine"] = s => new Cosine { StepScale = s.StepScale, InitialSteps = NoLimit, TrustLabels = true },
        ["semievol"] = s => new SemiEvol { Evolution = s.UnlabeledTraining },
        ["em"] = s => new ExpectationMaximization { SelfTraining = s.UnlabeledTraining },
        ["list"] = s => new LitePromptedSelfTraining { StepScale = s.StepScale },
        ["list-adapters"] = s => new LitePromptedSelfTraining { StepScale = s.StepScale, Student = LitePromptedSelfTraining.StudentFor(layers: 12) },
        ["distill"] = s => new SelfDistillation { Distillation = s.UnlabeledTraining, LabeledWeight = 1 },
    };

    /// <summary>With weak labels for all rows, or most.</summary>
    public static IReadOnlyDictionary<string, Func<SelfTrainSettings, SelfTrainingMethod>> WeakLabels { get; } = new Dictionary<string, Func<SelfTrainSettings, SelfTrainingMethod>>
    {
        ["cosine"] = s => new Cosine { StepScale = s.StepScale },
    };

    /// <summary>Those that the settings ask for, and those that they give as texts.</summary>
    public static IReadOnlyDictionary<string, SelfTrainingMethod> Chosen(IReadOnlyDictionary<string, Func<SelfTrainSettings, SelfTrainingMethod>> known, SelfTrainSettings settings)
    {
        Dictionary<string, SelfTrainingMethod> chosen = known.Where(method => settings.Methods.Contains(method.Key)).ToDictionary(method => method.Key, method => method.Value(settings));
        foreach (SelfTrainingMethod method in settings.MethodTexts.Select(SelfTrainingMethod.Parse))
            chosen[method.Format()] = method;
        return chosen;
    }
}
