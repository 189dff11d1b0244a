namespace MLNet.FineTune;

/// <summary>How an encoder is pre-trained, or trained further, on raw text: the losses whose weighted sum is minimised, and the training.</summary>
public sealed class PretrainingOptions
{
    /// <summary>Masked language modelling.</summary>
    /// <value>Default: on, with its own defaults; <see langword="null"/> for none.</value>
    public MaskedLanguageModeling? MaskedLanguageModeling { get; set; } = new();

    /// <summary>Contrastive training of text embeddings.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public ContrastiveLearning? Contrastive { get; set; }

    /// <summary>Prediction of a text's tokens from its embedding.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public BagOfWordsPrediction? BagOfWords { get; set; }

    /// <summary>Knowledge distillation from another encoder.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public EncoderDistillation? Distillation { get; set; }

    /// <summary>Longest input in tokens. Without pairs and distillation of text embeddings, sentences are packed up to it.</summary>
    /// <value>Default 128; at least 8, at most what the encoder takes.</value>
    public int MaxLength { get; set; } = 128;

    /// <summary>Dropout during this training.</summary>
    /// <value>Default <see langword="null"/>: the encoder's own; 0 learns faster where each text is seen a few times only. From 0 to below 1.</value>
    public double? Dropout { get; set; }

    /// <summary>Number format of activations and matrix products; weights, sums and losses are float32.</summary>
    /// <value>Default <see cref="MLNet.FineTune.Precision.Auto"/>.</value>
    public Precision Precision { get; set; } = Precision.Auto;

    /// <summary>
    /// Whether the encoder that is written scales its text embeddings to length one, which suits one that learnt them by their angles
    /// (contrastive training; distillation by cosine). Without effect on an encoder that has no way of pooling, nor gets one here.
    /// </summary>
    /// <value>Default <see langword="null"/>: as the encoder did before, random weights do not.</value>
    public bool? NormalizeEmbeddings { get; set; }

    /// <summary>Whether the encoder is written in half precision, half the size.</summary>
    /// <value>Default <see langword="false"/>: float32.</value>
    public bool SaveAsHalf { get; set; }

    /// <summary>Optimiser, schedule, time limit and checkpoints. <see cref="TrainingOptions.BatchSize"/> counts passages or pairs.</summary>
    /// <value>Defaults of its own: one epoch, 64 rows a batch, AdamW with β₂ 0.98.</value>
    public TrainingOptions Training { get; set; } = new() { Epochs = 1, BatchSize = 64, Beta2 = 0.98, Epsilon = 1e-6 };

    /// <exception cref="ArgumentException">An option is outside its range, or options contradict each other.</exception>
    internal void Validate()
    {
        if (MaskedLanguageModeling is null && Contrastive is null && BagOfWords is null && Distillation is null)
            throw new ArgumentException($"{nameof(PretrainingOptions)} names nothing to learn; expected {nameof(MaskedLanguageModeling)}, {nameof(Contrastive)}, {nameof(BagOfWords)} or {nameof(Distillation)}.");
        MaskedLanguageModeling?.Validate();
        Contrastive?.Validate();
        BagOfWords?.Validate();
        Distillation?.Validate();
        Require(MaxLength >= 8, nameof(PretrainingOptions), nameof(MaxLength), MaxLength, "at least 8");
        Require(Dropout is null or (>= 0 and < 1), nameof(PretrainingOptions), nameof(Dropout), Dropout, "null, or 0 to below 1");
        Require(Enum.IsDefined(Precision), nameof(PretrainingOptions), nameof(Precision), Precision, string.Join(", ", Enum.GetNames<Precision>()));
        Require(Training is not null, nameof(PretrainingOptions), nameof(Training), Training, "training options");
        Training!.Validate();
        Require(Training.ValidationFraction == 0 && Training.EarlyStoppingPatience is null, nameof(PretrainingOptions), nameof(Training), "with validation", "none: pre-training has no labels to validate on");
    }

    internal static void RequireWeight(string owner, double weight) => Require(weight > 0 && double.IsFinite(weight), owner, "Weight", weight, "a finite number above 0");

    internal static void Require(bool valid, string owner, string option, object? found, string expected)
    {
        if (!valid)
            throw new ArgumentException(FormattableString.Invariant($"{owner}.{option} is {found ?? "null"}; expected {expected}."), option);
    }
}
