using Microsoft.ML;
using MLNet.FineTune.Pretraining;

namespace MLNet.FineTune;

/// <summary>
/// Options of <c>mlContext.Transforms.Text.AdaptEncoder</c>, which goes on training an encoder on the texts that it will meet
/// (Gururangan et al. 2020, "Don't Stop Pretraining", arXiv 2004.10964).
/// </summary>
/// <remarks>
/// <para>
/// <see cref="TaskTexts"/> alone is task-adaptive pre-training (TAPT), <see cref="DomainTexts"/> alone domain-adaptive
/// pre-training (DAPT), and both are the one after the other, first the domain. With <see cref="Selection"/> the domain is
/// not trained on as a whole: the texts most like the task's are chosen from it and added to them (kNN-TAPT).
/// </para>
/// <para>
/// The paper adapts RoBERTa-base: the domain in 12,500 steps of 2,048 texts with a learning rate of 5e-4, the task in 100 epochs with steps
/// of 256 texts and 1e-4, both masking 15 % of the tokens anew in each epoch. The defaults here are for encoders a tenth of that
/// size on a few cores: 64 texts a step, the domain once with 2e-4, because a step of 32 times fewer texts is noisier, and
/// the task in 20 epochs, which are about as many steps as the paper's at a fifth of the computation. The rest is the
/// paper's: AdamW with β₂ 0.98 and ε 1e-6, weight decay 0.01, 6 % warm-up, linear decay.
/// </para>
/// <para>
/// Only masked language modelling is on. An encoder that is to give text embeddings without being fine-tuned keeps them in
/// shape with <see cref="PretrainingOptions.Contrastive"/> beside it, <see cref="PassagePairs.Dropout"/> for single texts.
/// </para>
/// </remarks>
public sealed class EncoderAdaptationOptions
{
    /// <summary>The encoder to adapt.</summary>
    /// <value>Default <see cref="EncoderSource.Default"/>.</value>
    public EncoderSource Encoder { get; set; } = EncoderSource.Default;

    /// <summary>The folder that the adapted encoder goes to, in Hugging Face's layout; an encoder that is there is replaced when training has ended.</summary>
    /// <value>Must be set.</value>
    public string OutputDirectory { get; set; } = "";

    /// <summary>Texts of the task, labels not needed; those to be classified later may be among them.</summary>
    /// <value>Default <see langword="null"/>: none. One of the two must be set.</value>
    public IDataView? TaskTexts { get; set; }

    /// <summary>A large corpus of texts like the task's; read row by row.</summary>
    /// <value>Default <see langword="null"/>: none. One of the two must be set.</value>
    public IDataView? DomainTexts { get; set; }

    /// <summary>The column of texts in <see cref="TaskTexts"/>.</summary>
    /// <value>Default <c>Text</c>.</value>
    public string TaskTextColumnName { get; set; } = "Text";

    /// <summary>The column of texts in <see cref="DomainTexts"/>.</summary>
    /// <value>Default <c>Text</c>.</value>
    public string DomainTextColumnName { get; set; } = "Text";

    /// <summary>A column of <see cref="DomainTexts"/> that names the document each text is part of: rows that follow each other with the same name are read together, up to the longest input.</summary>
    /// <value>Default <see langword="null"/>: each row is a document of its own.</value>
    public string? DomainDocumentColumnName { get; set; }

    /// <summary>How the encoder is trained on <see cref="TaskTexts"/>.</summary>
    /// <value>Default: masked language modelling, 20 epochs, learning rate 1e-4.</value>
    public PretrainingOptions TaskPretraining { get; set; } = new() { Training = { Epochs = 20, LearningRate = 1e-4 } };

    /// <summary>How the encoder is trained on <see cref="DomainTexts"/>. Has no effect with <see cref="Selection"/>.</summary>
    /// <value>Default: masked language modelling, one epoch, learning rate 2e-4.</value>
    public PretrainingOptions DomainPretraining { get; set; } = new() { Training = { Epochs = 1, LearningRate = 2e-4 } };

    /// <summary>Chooses from <see cref="DomainTexts"/> those that are added to <see cref="TaskTexts"/>, in place of training on all of them.</summary>
    /// <value>Default <see langword="null"/>: none are chosen. Needs both.</value>
    public DomainSelection? Selection { get; set; }

    /// <summary>
    /// The folder that holds checkpoints of both phases, and between them the encoder that the first made: an interrupted
    /// adaptation goes on from there exactly. Emptied of them at the end. <see cref="TrainingOptions.CheckpointEverySteps"/> and
    /// <see cref="TrainingOptions.ResumeFromCheckpoint"/> of each phase hold; a selection is made again.
    /// </summary>
    /// <value>Default <see langword="null"/>: no checkpoints.</value>
    public string? CheckpointDirectory { get; set; }

    /// <summary>The folder below which temporary files go: tokenised texts, 4 bytes a token and 16 a sentence (twice with a teacher of another vocabulary), and the encoder between two phases.</summary>
    /// <value>Default <see langword="null"/>: the temporary folder of the <see cref="MLContext"/>.</value>
    public string? WorkDirectory { get; set; }

    /// <summary>The GPU to compute on.</summary>
    /// <value>Default <see langword="null"/>: that of the <see cref="MLContext"/>, else the CPU.</value>
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether the CPU serves where the GPU cannot be used.</summary>
    /// <value>Default <see langword="null"/>: as the <see cref="MLContext"/> says.</value>
    public bool? FallbackToCpu { get; set; }

    internal CorpusColumns TaskColumns => new(TaskTextColumnName);

    internal CorpusColumns DomainColumns => new(DomainTextColumnName, DomainDocumentColumnName);

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(Encoder is not null, nameof(Encoder), null, $"a source, such as {nameof(EncoderSource)}.{nameof(EncoderSource.FromDirectory)}(\"models/minilm\")");
        Require(!string.IsNullOrWhiteSpace(OutputDirectory), nameof(OutputDirectory), Quoted(OutputDirectory), "a path");
        Require(TaskTexts is not null || DomainTexts is not null, nameof(TaskTexts), null, $"data, where {nameof(DomainTexts)} is null too");
        Require(!string.IsNullOrWhiteSpace(TaskTextColumnName), nameof(TaskTextColumnName), Quoted(TaskTextColumnName), "a column's name");
        Require(!string.IsNullOrWhiteSpace(DomainTextColumnName), nameof(DomainTextColumnName), Quoted(DomainTextColumnName), "a column's name");
        Require(DomainDocumentColumnName is null || DomainDocumentColumnName.Trim().Length > 0, nameof(DomainDocumentColumnName), Quoted(DomainDocumentColumnName), "null or a column's name");
        Require(CheckpointDirectory is null || CheckpointDirectory.Trim().Length > 0, nameof(CheckpointDirectory), Quoted(CheckpointDirectory), "null or a path");
        Require(WorkDirectory is null || WorkDirectory.Trim().Length > 0, nameof(WorkDirectory), Quoted(WorkDirectory), "null or a path");
        if (Selection is not null)
        {
            Require(TaskTexts is not null, nameof(TaskTexts), null, $"data, for which {nameof(Selection)} chooses");
            Require(DomainTexts is not null, nameof(DomainTexts), null, $"data, from which {nameof(Selection)} chooses");
            Selection.Validate();
        }
        Validate(nameof(TaskPretraining), TaskPretraining);
        Validate(nameof(DomainPretraining), DomainPretraining);
    }

    private static void Validate(string name, PretrainingOptions? phase)
    {
        Require(phase is not null, name, null, nameof(PretrainingOptions));
        phase!.Validate();
        Require(phase.Training.CheckpointDirectory is null, $"{name}.{nameof(PretrainingOptions.Training)}.{nameof(TrainingOptions.CheckpointDirectory)}", Quoted(phase.Training.CheckpointDirectory),
            $"null: set {nameof(EncoderAdaptationOptions)}.{nameof(CheckpointDirectory)}, which holds what lies between the phases too");
    }

    private static string? Quoted(string? text) => text is null ? null : $"'{text}'";

    private static void Require(bool valid, string option, string? found, string expected) => PretrainingOptions.Require(valid, nameof(EncoderAdaptationOptions), option, found, expected);
}
