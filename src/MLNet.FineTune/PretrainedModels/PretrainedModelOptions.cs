using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>How a model that is fine-tuned already is used: what all kinds of it are told.</summary>
public abstract class PretrainedModelOptions
{
    private protected PretrainedModelOptions()
    {
    }

    /// <summary>The output column of the scores.</summary>
    /// <value>Default <c>Score</c>.</value>
    public string ScoreColumnName { get; set; } = DefaultColumnNames.Score;

    /// <summary>Longest input in tokens, special tokens included; what is longer is cut, or read in windows where words are classified or questions answered.</summary>
    /// <value>Default <see langword="null"/>: as much as the encoder takes; with a question and its context, 384 at most.</value>
    public int? MaxLength { get; set; }

    /// <summary>Most texts that go through the model at once.</summary>
    /// <value>Default 32; at least 1.</value>
    public int BatchSize { get; set; } = 32;

    /// <summary>The number format to compute in.</summary>
    /// <value>Default <see cref="Precision.Auto"/>.</value>
    public Precision Precision { get; set; } = Precision.Auto;

    /// <summary>What goes into a saved file: the model, or, with <see cref="SavedWeights.AdapterOnly"/> (there is no adapter here), only a reference to its source and its SHA-256, which is checked when the file is loaded.</summary>
    /// <value>Default <see cref="SavedWeights.Embedded"/>.</value>
    public SavedWeights SavedWeights { get; set; } = SavedWeights.Embedded;

    /// <summary>The GPU to compute on.</summary>
    /// <value>Default <see langword="null"/>: that of the <see cref="MLContext"/>, else the CPU.</value>
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether the CPU serves where the GPU cannot be used.</summary>
    /// <value>Default <see langword="null"/>: as the <see cref="MLContext"/> says.</value>
    public bool? FallbackToCpu { get; set; }

    /// <summary>What is read and written.</summary>
    internal abstract ScoringColumns ScoringColumns { get; }

    /// <summary>What is kept of a text that is too long.</summary>
    internal virtual Truncation TextTruncation => Truncation.LongestFirst;

    /// <summary>How answers are found in contexts; null where texts have classes or numbers.</summary>
    internal virtual AnswerRules? Answers => null;

    /// <param name="task">What the model is opened to predict.</param>
    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal virtual void Validate(PretrainedTask task)
    {
        ScoringColumns.Check();
        Require(MaxLength is null or >= 3, nameof(MaxLength), MaxLength, "null or at least 3");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(Enum.IsDefined(Precision), nameof(Precision), Precision, string.Join(", ", Enum.GetNames<Precision>()));
        Require(Enum.IsDefined(SavedWeights), nameof(SavedWeights), SavedWeights, string.Join(", ", Enum.GetNames<SavedWeights>()));
    }

    private protected void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, GetType().Name, option, found, expected, option);
}
