using MLNet.FineTune.Peft;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>A checkpoint that is fine-tuned already, encoder and head in Hugging Face's layout, and how it is to be used.</summary>
internal sealed record PretrainedClassifier
{
    public required EncoderSource Source { get; init; }

    public required PretrainedTask Task { get; init; }

    /// <summary>Whether texts come in pairs, as questions and their contexts do.</summary>
    public required bool Pairs { get; init; }

    /// <summary>How answers are found in contexts; null where questions are not answered.</summary>
    public AnswerRules? Answers { get; init; }

    /// <summary>See <see cref="InputLength.Choose"/>.</summary>
    public int? MaxLength { get; init; }

    public Truncation Truncation { get; init; }
    public required int BatchSize { get; init; }
    public Precision Precision { get; init; }
    public SavedWeights SavedWeights { get; init; }
    public required Device Device { get; init; }

    /// <summary>Opens it: a classifier as full fine-tuning leaves it.</summary>
    /// <returns>The classifier, and what its classes are called.</returns>
    /// <exception cref="ArgumentException">The source has no trained weights, or the maximum length is none the encoder takes.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or there is no head.</exception>
    /// <exception cref="NotSupportedException">The checkpoint is of another task, or of a kind that is not supported.</exception>
    public (TextClassifier Classifier, IReadOnlyList<string> Labels) Open()
    {
        if (Source is ScratchEncoderSource)
            throw new ArgumentException($"The {Source.Description} has random weights and no trained head; expected a checkpoint that is fine-tuned, such as one of {nameof(EncoderSource)}.{nameof(EncoderSource.FromDirectory)}.", "source");
        NativeBackend.EnsureLoaded();
        using PretrainedEncoder encoder = Source.Open([]);
        IReadOnlyList<string> labels = CheckpointHead.Require(encoder, Task, Source.Description);
        var method = new FullFineTuning();
        bool byReference = SavedWeights == SavedWeights.AdapterOnly;
        var settings = new TextClassifierSettings
        {
            ClassCount = Answers is null ? labels.Count : 2,
            // The first token's, whatever makes text embeddings of this encoder: the head was trained on it.
            Pooling = Task is PretrainedTask.Words or PretrainedTask.Answers ? null : PoolingMode.Cls,
            EachWord = Task == PretrainedTask.Words,
            Answers = Answers,
            MaxLength = InputLength.Choose(MaxLength, encoder, Source, encoder.Tokenizer.SpecialTokenCount(Pairs) + 1, answers: Answers is not null, method),
            Truncation = Truncation,
            BatchSize = BatchSize,
            Precision = Precision,
            LowerCase = encoder.LowerCase,
            Method = PeftMethods.ToJson(method),
            Encoder = byReference ? Source.ToJson() : null,
            EncoderSha256 = byReference ? encoder.Sha256 : null,
        };
        return (TextClassifier.Create(encoder, settings, adapterWeights: null, Device), labels);
    }
}
