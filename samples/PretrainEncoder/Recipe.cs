using MLNet.FineTune;

namespace PretrainEncoder;

/// <summary>How the default encoder was made.</summary>
internal static class Recipe
{
    /// <summary>How far the layers go from the word embeddings alone to where training took them.</summary>
    public const double TrainedShare = 0.8;

    /// <summary>What a layer computes inside stays as trained: the way back is for what it adds to the words.</summary>
    public static double? ShareOf(string tensor) => Inside.Any(part => tensor.Contains(part, StringComparison.Ordinal)) ? 1 : null;

    private static readonly string[] Inside = [".attn.q.", ".attn.k.", ".attn.v.", ".intermediate.", ".relative_attention_bias."];

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

    /// <summary>Once more, with what words are rated.</summary>
    public static PretrainingOptions RatedWordTraining(Settings settings) => WordTraining(0.35 * settings.WordMinutes, batchSize: 1024, learningRate: 2e-3);

    private static PretrainingOptions WordTraining(double minutes, int batchSize, double learningRate)
    {
        PretrainingOptions options = Options(minutes, batchSize, learningRate);
        options.MaxLength = 64;
        return options;
    }

    /// <summary>Hidden words are predicted from what stands around them: the layers learn the order of words. The word embeddings are good already and learn half as fast.</summary>
    public static PretrainingOptions MaskedTraining(Settings settings)
    {
        PretrainingOptions options = Options(settings.MaskedMinutes, batchSize: 32, learningRate: 2e-3);
        options.Contrastive = null; // passages of many sentences, then
        options.MaskedLanguageModeling = new MaskedLanguageModeling { Rate = 0.15 };
        options.BagOfWords!.Weight = 0.1;
        options.MaxLength = LongestText;
        options.Training.LayerwiseLearningRateDecay = 0.5;
        return options;
    }

    /// <summary>Pairs again, now with layers.</summary>
    public static PretrainingOptions PairTraining(Settings settings) => PairTraining(0.8 * settings.PairMinutes, learningRate: 7e-4);

    /// <summary>The last of them of running text alone, without lexicons.</summary>
    public static PretrainingOptions CorpusPairTraining(Settings settings) => PairTraining(0.2 * settings.PairMinutes, learningRate: 5e-4);

    private static PretrainingOptions PairTraining(double minutes, double learningRate)
    {
        PretrainingOptions options = Options(minutes, batchSize: 256, learningRate);
        options.MaxLength = 64;
        options.Training.LayerwiseLearningRateDecay = 0.5;
        return options;
    }

    /// <summary>An encoder's texts come to lie where it and the word embeddings alone put them on average, and tell in a few dimensions what they begin with.</summary>
    public static PretrainingOptions Teaching(Settings settings, EncoderSource encoder, EncoderSource words)
    {
        PretrainingOptions options = Options(settings.TeachMinutes, batchSize: 128, learningRate: 1e-3);
        (options.Contrastive, options.BagOfWords) = (null, null);
        options.Distillation = new EncoderDistillation { Teacher = encoder, AdditionalTeachers = [words], FirstWordDimensions = 24, FirstWordScale = 0.8 };
        options.NormalizeEmbeddings = true;
        options.MaxLength = 64;
        options.Training.LayerwiseLearningRateDecay = 0.5;
        return options;
    }

    /// <summary>The head that predicts hidden words catches up with the encoder, which stays almost as it is.</summary>
    public static PretrainingOptions HeadTraining(Settings settings)
    {
        PretrainingOptions options = MaskedTraining(settings);
        options.BagOfWords = null;
        options.Training.MaxDuration = TimeSpan.FromMinutes(settings.HeadMinutes);
        options.Training.LayerwiseLearningRateDecay = 1e-5;
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
        RelativePositionBuckets = 32,
    };

    private static PretrainingOptions Options(double minutes, int batchSize, double learningRate) => new()
    {
        MaskedLanguageModeling = null,
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
