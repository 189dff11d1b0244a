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

    /// <summary>Rows to measure on; null to take <see cref="TrainingOptions.ValidationFraction"/> of the data.</summary>
    public LabelledTexts? Validation { get; init; }

    /// <summary>How texts are pooled; null for the checkpoint's own way.</summary>
    public PoolingMode? Pooling { get; init; }

    /// <summary>Longest input in tokens; null for the longest the encoder takes, up to the longest text.</summary>
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

/// <summary>Texts with their classes.</summary>
/// <param name="Inputs">Texts or pairs.</param>
/// <param name="Labels">Class of each row, from zero; its rarest one where it can have several, and zero where it has none.</param>
/// <param name="Weights">Weight of each row; null when all weigh the same.</param>
/// <param name="LabelSets">All classes of each row where it can have several or none; null where each has one.</param>
internal sealed record LabelledTexts(IReadOnlyList<TextInput> Inputs, int[] Labels, float[]? Weights = null, int[][]? LabelSets = null)
{
    public LabelledTexts Rows(int[] rows) =>
        new([.. rows.Select(row => Inputs[row])], [.. rows.Select(row => Labels[row])], Weights is null ? null : [.. rows.Select(row => Weights[row])], LabelSets is null ? null : [.. rows.Select(row => LabelSets[row])]);
}
