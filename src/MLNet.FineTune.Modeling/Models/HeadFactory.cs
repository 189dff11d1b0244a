using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Heads;

namespace MLNet.FineTune.Models;

/// <summary>Builds the head a family has for a task, freshly initialised.</summary>
internal static class HeadFactory
{
    /// <param name="family">The encoder's family.</param>
    /// <param name="encoder">The encoder the head goes on.</param>
    /// <param name="task">The task.</param>
    /// <param name="classCount">Classes or tags; not used by the other tasks.</param>
    /// <param name="pooling">How texts are pooled; null for the family's own head on the first token.</param>
    public static Head Create(EncoderFamily family, TransformerEncoder encoder, TextTask task, int classCount, PoolingMode? pooling = null)
    {
        EncoderConfig config = encoder.Config;
        Head head = task switch
        {
            TextTask.SequenceClassification => new SequenceHead(config, SequenceOptions(family.SequenceHead, config, classCount, pooling)),
            TextTask.TokenClassification => new TokenHead(config, classCount, config.ClassifierDropout),
            TextTask.QuestionAnswering => new TokenHead(config, 2, dropout: 0),
            TextTask.MaskedLanguageModel => new MaskedLanguageModelHead(encoder, family.MaskedHead.Activation ?? config.Activation),
            _ => throw new ArgumentOutOfRangeException(nameof(task), task, null),
        };
        head.Initialize(config.InitializerRange);
        return head;
    }

    /// <summary>A mean or maximum over tokens goes straight to the classifier: the dense layer was trained for the first token.</summary>
    private static SequenceHeadOptions SequenceOptions(SequenceHeadLayout layout, EncoderConfig config, int classCount, PoolingMode? pooling) =>
        new(classCount, pooling ?? PoolingMode.Cls, Dense: (pooling ?? PoolingMode.Cls) == PoolingMode.Cls, layout.Activation, layout.InputDropout, config.ClassifierDropout);
}
