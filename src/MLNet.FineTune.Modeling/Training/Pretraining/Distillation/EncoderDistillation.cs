using System.Text.Json.Serialization;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>
/// Knowledge distillation (Hinton, Vinyals, Dean 2015, arXiv 1503.02531) from a teacher: another encoder, most often a larger
/// one, whose text embeddings, and perhaps hidden states, the trained encoder learns to reproduce. The teacher does not change.
/// </summary>
/// <remarks>
/// The teacher reads whole texts, also where masked language modelling hides tokens from the trained encoder. Where the two
/// are of different width, a linear projection is trained along and dropped at the end. Prompts that a sentence-transformers
/// teacher has are not put before the texts, which the trained encoder reads without.
/// </remarks>
public sealed class EncoderDistillation
{
    /// <summary>The encoder to learn from; it must have trained weights.</summary>
    /// <value>Default <see langword="null"/>, which is not valid: one must be given.</value>
    [JsonIgnore]
    public EncoderSource? Teacher { get; set; }

    /// <summary>
    /// The weight of the loss on hidden states in the sum. Each state of the trained encoder, its embedding layer's output
    /// first, is compared with the teacher's at the same relative depth, token by token (TinyBERT; Jiao et al. 2019, arXiv
    /// 1909.10351): so both must have the same vocabulary.
    /// </summary>
    /// <value>Default 0: hidden states are not compared; 0 or more.</value>
    public double HiddenWeight { get; set; }

    /// <summary>How hidden states are compared.</summary>
    /// <value>Default <see cref="HiddenStateMatch.MeanSquaredError"/>.</value>
    public HiddenStateMatch HiddenMatch { get; set; } = HiddenStateMatch.MeanSquaredError;

    /// <summary>The weight of the loss on text embeddings in the sum; a teacher of another vocabulary serves too.</summary>
    /// <value>Default 1; 0 or more, where 0 means that embeddings are not compared.</value>
    public double EmbeddingWeight { get; set; } = 1;

    /// <summary>How text embeddings are compared.</summary>
    /// <value>Default <see cref="EmbeddingMatch.Cosine"/>.</value>
    public EmbeddingMatch EmbeddingMatch { get; set; } = EmbeddingMatch.Cosine;

    internal void Validate()
    {
        const string Owner = nameof(EncoderDistillation);
        PretrainingOptions.Require(Teacher is not null, Owner, nameof(Teacher), Teacher, "an encoder");
        PretrainingOptions.Require(Teacher is not ScratchEncoderSource, Owner, nameof(Teacher), $"a {Teacher}", "an encoder with trained weights");
        PretrainingOptions.Require(HiddenWeight >= 0 && double.IsFinite(HiddenWeight), Owner, nameof(HiddenWeight), HiddenWeight, "a finite number of 0 or more");
        PretrainingOptions.Require(Enum.IsDefined(HiddenMatch), Owner, nameof(HiddenMatch), HiddenMatch, string.Join(", ", Enum.GetNames<HiddenStateMatch>()));
        PretrainingOptions.Require(EmbeddingWeight >= 0 && double.IsFinite(EmbeddingWeight), Owner, nameof(EmbeddingWeight), EmbeddingWeight, "a finite number of 0 or more");
        PretrainingOptions.Require(Enum.IsDefined(EmbeddingMatch), Owner, nameof(EmbeddingMatch), EmbeddingMatch, string.Join(", ", Enum.GetNames<EmbeddingMatch>()));
        PretrainingOptions.Require(HiddenWeight > 0 || EmbeddingWeight > 0, Owner, nameof(EmbeddingWeight), EmbeddingWeight, $"above 0, or {nameof(HiddenWeight)} above 0: nothing is to be learnt from the teacher");
    }
}
