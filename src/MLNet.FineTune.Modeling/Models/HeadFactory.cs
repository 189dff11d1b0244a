using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Prompting;

namespace MLNet.FineTune.Models;

/// <summary>Builds the head a family has for a task, freshly initialised.</summary>
internal static class HeadFactory
{
    /// <param name="family">The encoder's family.</param>
    /// <param name="encoder">The encoder the head goes on.</param>
    /// <param name="task">The task.</param>
    /// <param name="layout">Classes or tags, and how texts are pooled (null for the family's own head on the first token), or the words of a prompt; not used by the other tasks.</param>
    public static Head Create(EncoderFamily family, TransformerEncoder encoder, TextTask task, ClassifierLayout layout)
    {
        EncoderConfig config = encoder.Config;
        Head head = task switch
        {
            TextTask.SequenceClassification => new SequenceHead(config, SequenceOptions(family.SequenceHead, config, layout)),
            TextTask.TokenClassification => new TokenHead(config, layout.ClassCount, config.ClassifierDropout),
            TextTask.QuestionAnswering => new TokenHead(config, 2, dropout: 0),
            TextTask.MaskedLanguageModel when layout.Prompt is { } prompt => new PromptHead(encoder, family.MaskedHead.Activation ?? config.Activation, prompt),
            TextTask.MaskedLanguageModel => new MaskedLanguageModelHead(encoder, family.MaskedHead.Activation ?? config.Activation),
            _ => throw new ArgumentOutOfRangeException(nameof(task), task, null),
        };
        head.Initialize(config.InitializerRange);
        return head;
    }

    /// <summary>A mean or maximum over tokens goes straight to the classifier: the dense layer was trained for the first token. So does what two texts are compared by.</summary>
    private static SequenceHeadOptions SequenceOptions(SequenceHeadLayout family, EncoderConfig config, ClassifierLayout layout)
    {
        PoolingModes pooling = layout.Pooling ?? (layout.Normalize is null ? PoolingMode.Cls : PoolingMode.Mean);
        bool dense = pooling.FirstOnly && layout.Normalize is null && !layout.SeparatePairs;
        return new(layout.ClassCount, pooling, dense, family.Activation, family.InputDropout ? config.PoolerDropout ?? config.ClassifierDropout : 0, config.ClassifierDropout, layout.Normalize ?? false, layout.SeparatePairs);
    }
}
