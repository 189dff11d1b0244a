using MLNet.FineTune.Contrastive;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Models;

/// <summary>Labelled texts and how an encoder is fine-tuned on them.</summary>
internal sealed record FineTuneTask
{
    public required EncoderSource Encoder { get; init; }
    public required PeftMethod Peft { get; init; }
    public required TrainingOptions Training { get; init; }
    public required LabelledTexts Data { get; init; }
    public required int ClassCount { get; init; }

    /// <summary>Where the numbers to predict lie, which training brings to mean 0 and deviation 1; null where classes are predicted.</summary>
    public TargetScale? Scale { get; init; }

    /// <summary>What the classes are called; null where they have no names.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>What the classes are called in options: their names, the numbers of a key without names, or False and True; null for numbers.</summary>
    public IReadOnlyList<string>? ClassKeys { get; init; }

    /// <summary>Classifies by the head for hidden words, at the mask of a template; null for a classification head.</summary>
    public ClozePrompt? Prompt { get; init; }

    /// <summary>How answers are found in contexts; null where texts have classes or numbers.</summary>
    public AnswerRules? Answers { get; init; }

    /// <summary>What is taught beside the labels; null for nothing.</summary>
    public ConsistencyRegularization? Consistency { get; init; }

    /// <summary>Further texts to learn, which are never set aside for validation; null for none. They follow those of <see cref="Data"/>.</summary>
    public LabelledTexts? Extra { get; init; }

    /// <summary>Rows to measure on; null to take <see cref="TrainingOptions.ValidationFraction"/> of the data.</summary>
    public LabelledTexts? Validation { get; init; }

    /// <summary>Texts that have no label and are learnt from too; null for none.</summary>
    public UnlabeledTexts? Unlabeled { get; init; }

    /// <summary>The head that training starts from, fitted on the embeddings of the encoder as it is; null for a random one.</summary>
    public ProbedHead? LinearProbe { get; init; }

    /// <summary>How texts are pooled; null for the checkpoint's own way.</summary>
    public PoolingMode? Pooling { get; init; }

    /// <summary>How pairs are read.</summary>
    public PairEncoding Pairs { get; init; } = PairEncoding.Joint;

    /// <summary>Longest input in tokens; null for the longest the encoder takes, up to the longest text; for contexts, up to <see cref="AnswerRules.DefaultMaxLength"/>.</summary>
    public int? MaxLength { get; init; }

    public Truncation Truncation { get; init; }
    public Precision Precision { get; init; }
    public SavedWeights SavedWeights { get; init; }
    public required TorchSharp.torch.Device Device { get; init; }
    public int Seed { get; init; }

    /// <summary>Hidden states that several fits of one encoder share; null for some of its own, as <see cref="TrainingOptions.FrozenStateMegabytes"/> says.</summary>
    public HiddenStateCaches? FrozenStates { get; init; }

    /// <summary>Further parts of the training loop.</summary>
    public IReadOnlyList<ITrainingCallback> Callbacks { get; init; } = [];

    /// <summary>Parts that only look on, and see the results of validation.</summary>
    public IReadOnlyList<ITrainingCallback> Observers { get; init; } = [];

    /// <summary>Polled between steps and batches; throws to stop.</summary>
    public Action? CheckAlive { get; init; }

    /// <summary>Receives a line the user should know, such as how many texts were cut.</summary>
    public Action<string>? Inform { get; init; }
}

/// <summary>Texts with their classes, or with a number each, or a class for each word; or questions with their answers.</summary>
/// <param name="Inputs">Texts or pairs.</param>
/// <param name="Labels">Class of each row, from zero; its rarest one where it can have several, and zero where it has none.</param>
/// <param name="Weights">Weight of each row; null when all weigh the same.</param>
/// <param name="LabelSets">All classes of each row where it can have several or none; null where each has one.</param>
/// <param name="Targets">The number to predict for each row; null where classes are predicted.</param>
/// <param name="Tags">The class of each word of each row, from zero, −1 where it is not known; null where texts have classes.</param>
/// <param name="Answers">The answers to each question; null where texts have classes.</param>
internal sealed record LabelledTexts(IReadOnlyList<TextInput> Inputs, int[] Labels, float[]? Weights = null, int[][]? LabelSets = null, float[]? Targets = null, int[][]? Tags = null, GoldAnswers[]? Answers = null)
{
    /// <summary>These texts and then others.</summary>
    public LabelledTexts Append(LabelledTexts others) => new(
        [.. Inputs, .. others.Inputs],
        [.. Labels, .. others.Labels],
        Weights is null && others.Weights is null ? null : [.. WeightsOrOnes(), .. others.WeightsOrOnes()],
        LabelSets is null && others.LabelSets is null ? null : [.. SetsOrSingles(), .. others.SetsOrSingles()],
        Targets is null || others.Targets is null ? null : [.. Targets, .. others.Targets],
        Tags is null || others.Tags is null ? null : [.. Tags, .. others.Tags],
        Answers is null || others.Answers is null ? null : [.. Answers, .. others.Answers]);

    public LabelledTexts Rows(int[] rows) =>
        new([.. rows.Select(row => Inputs[row])], [.. rows.Select(row => Labels[row])], Weights is null ? null : [.. rows.Select(row => Weights[row])], LabelSets is null ? null : [.. rows.Select(row => LabelSets[row])], Targets is null ? null : [.. rows.Select(row => Targets[row])], Tags is null ? null : [.. rows.Select(row => Tags[row])], Answers is null ? null : [.. rows.Select(row => Answers[row])]);

    private float[] WeightsOrOnes() => Weights ?? [.. Enumerable.Repeat(1f, Labels.Length)];

    private int[][] SetsOrSingles() => LabelSets ?? [.. Labels.Select(label => new[] { label })];
}
