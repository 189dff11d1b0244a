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
    /// More encoders to learn from: text embeddings of <see cref="Teacher"/> and of these, each brought to length one, are
    /// averaged, which is most useful where all were trained from the same weights, so that their dimensions mean the same.
    /// They must have the first one's vocabulary and width. Hidden states are those of <see cref="Teacher"/> alone.
    /// </summary>
    /// <value>Default: none. Each must have trained weights.</value>
    [JsonIgnore]
    public IReadOnlyList<EncoderSource> AdditionalTeachers { get; set; } = [];

    /// <summary>
    /// How many dimensions of the text embedding shall tell what the text's first word is. That many directions, those in which the
    /// teacher's embeddings of the corpus vary least, are learnt not as the teacher has them but as the principal components, over the corpus,
    /// of the last hidden state of <see cref="Teacher"/> at the first token of the text. In a mean over tokens the first word counts as little as any other, though a
    /// question's says what is asked for. The idea is this library's; the model card of the default encoder has what it is worth.
    /// </summary>
    /// <value>Default 0: embeddings are learnt as they are. At most the teacher's width.</value>
    public int FirstWordDimensions { get; set; }

    /// <summary>The standard deviation, over the corpus, of the dimensions that tell the first word, in units of that of the others.</summary>
    /// <value>Default 0.5: similarities change hardly. Above 0.</value>
    public double FirstWordScale { get; set; } = 0.5;

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
        PretrainingOptions.Require(AdditionalTeachers is not null, Owner, nameof(AdditionalTeachers), AdditionalTeachers, "a list of encoders, perhaps an empty one");
        for (int i = 0; i < AdditionalTeachers!.Count; i++)
            PretrainingOptions.Require(AdditionalTeachers[i] is not (null or ScratchEncoderSource), Owner, $"{nameof(AdditionalTeachers)}[{i}]", AdditionalTeachers[i] is { } found ? $"a {found}" : null, "an encoder with trained weights");
        PretrainingOptions.Require(AdditionalTeachers.Count == 0 || EmbeddingWeight > 0, Owner, nameof(AdditionalTeachers), $"a list of {AdditionalTeachers.Count}", $"an empty one where {nameof(EmbeddingWeight)} is 0: hidden states are those of {nameof(Teacher)} alone");
        PretrainingOptions.Require(FirstWordDimensions >= 0, Owner, nameof(FirstWordDimensions), FirstWordDimensions, "0 or more");
        PretrainingOptions.Require(FirstWordDimensions == 0 || EmbeddingWeight > 0, Owner, nameof(FirstWordDimensions), FirstWordDimensions, $"0 where {nameof(EmbeddingWeight)} is 0: it changes text embeddings");
        PretrainingOptions.Require(FirstWordScale > 0 && double.IsFinite(FirstWordScale), Owner, nameof(FirstWordScale), FirstWordScale, "a finite number above 0");
        PretrainingOptions.Require(HiddenWeight >= 0 && double.IsFinite(HiddenWeight), Owner, nameof(HiddenWeight), HiddenWeight, "a finite number of 0 or more");
        PretrainingOptions.Require(Enum.IsDefined(HiddenMatch), Owner, nameof(HiddenMatch), HiddenMatch, string.Join(", ", Enum.GetNames<HiddenStateMatch>()));
        PretrainingOptions.Require(EmbeddingWeight >= 0 && double.IsFinite(EmbeddingWeight), Owner, nameof(EmbeddingWeight), EmbeddingWeight, "a finite number of 0 or more");
        PretrainingOptions.Require(Enum.IsDefined(EmbeddingMatch), Owner, nameof(EmbeddingMatch), EmbeddingMatch, string.Join(", ", Enum.GetNames<EmbeddingMatch>()));
        PretrainingOptions.Require(HiddenWeight > 0 || EmbeddingWeight > 0, Owner, nameof(EmbeddingWeight), EmbeddingWeight, $"above 0, or {nameof(HiddenWeight)} above 0: nothing is to be learnt from the teacher");
    }
}
