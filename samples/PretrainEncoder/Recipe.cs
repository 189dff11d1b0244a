using MLNet.FineTune;

namespace PretrainEncoder;

/// <summary>How the default encoder was made.</summary>
internal static class Recipe
{
    private const int LongestText = 256;

    // Dropout is for fine-tuning: each text of the corpus is seen a few times only.
    private const double NoDropout = 0;

    /// <summary>Word and position embeddings, a normalisation, and their mean: no layers.</summary>
    public static ScratchEncoderOptions WordEmbeddings(Settings settings) => Sized(settings, layers: 0);

    /// <summary>The same with layers on top.</summary>
    public static ScratchEncoderOptions Encoder(Settings settings, EncoderSource words)
    {
        ScratchEncoderOptions options = Sized(settings, settings.LayerCount);
        options.StartFrom = words;
        return options;
    }

    /// <summary>Headings and their texts, and texts that follow each other, come close; and what words a text has stays in its embedding.</summary>
    public static PretrainingOptions WordTraining(Settings settings) => WordTraining(0.6 * settings.WordMinutes, batchSize: 512, learningRate: 5e-3);

    /// <summary>The same among more texts to be told apart.</summary>
    public static PretrainingOptions LargeBatchTraining(Settings settings) => WordTraining(0.4 * settings.WordMinutes, batchSize: 1024, learningRate: 3e-3);

    private static PretrainingOptions WordTraining(double minutes, int batchSize, double learningRate)
    {
        PretrainingOptions options = Options(minutes, batchSize, learningRate);
        options.MaskedLanguageModeling = null;
        options.MaxLength = 64;
        return options;
    }

    /// <summary>The same, and words hidden from one side of each pair are predicted. Each layer below learns half as fast as what is above it: the word embeddings are good already.</summary>
    public static PretrainingOptions EncoderTraining(Settings settings)
    {
        PretrainingOptions options = Options(settings.EncoderMinutes, batchSize: 256, learningRate: 1e-3);
        options.MaskedLanguageModeling = new MaskedLanguageModeling { Rate = 0.15, Unit = MaskingUnit.WholeWord, Weight = 0.1 };
        options.MaxLength = LongestText;
        options.Training.LayerwiseLearningRateDecay = 0.5;
        return options;
    }

    private static ScratchEncoderOptions Sized(Settings settings, int layers) => new()
    {
        LayerCount = layers,
        HiddenSize = settings.HiddenSize,
        HeadCount = settings.HiddenSize / 64,
        IntermediateSize = 2 * settings.HiddenSize,
        VocabularySize = settings.VocabularySize,
        MaxLength = LongestText,
    };

    private static PretrainingOptions Options(double minutes, int batchSize, double learningRate) => new()
    {
        Contrastive = new ContrastiveLearning { GroupBySource = false },
        BagOfWords = new BagOfWordsPrediction { Weight = 0.4, MaxTexts = 256 },
        Dropout = NoDropout,
        SaveAsHalf = true,
        Training =
        {
            Epochs = 8, // more than the time allows
            MaxDuration = TimeSpan.FromMinutes(minutes),
            BatchSize = batchSize,
            LearningRate = learningRate,
            CheckpointEverySteps = 200,
        },
    };
}
