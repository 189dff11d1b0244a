using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Prompting;

namespace MLNet.FineTune.Heads;

/// <summary>Which head classifies texts, or their tokens, or finds answers among these.</summary>
/// <param name="ClassCount">Number of logits.</param>
/// <param name="Pooling">How tokens become one vector; null for the checkpoint's own way.</param>
/// <param name="Normalize">
/// Null for the head of the encoder's family. Otherwise the linear layer sits on the text embedding, as a sentence encoder
/// has it (the mean where the checkpoint names no pooling), and this says whether that is brought to length one.
/// </param>
/// <param name="Prompt">Null for a classification head; otherwise the head for hidden tokens classifies, by the words that stand for classes.</param>
/// <param name="EachToken">Whether every token is classified, and not the text.</param>
/// <param name="Answers">Whether every token has a logit for being the beginning of an answer, and one for being its end.</param>
/// <param name="SeparatePairs">Whether two texts, each read by itself, are compared; see <see cref="PairEncoding.Separate"/>.</param>
internal readonly record struct ClassifierLayout(int ClassCount, PoolingModes? Pooling = null, bool? Normalize = null, PromptLayout? Prompt = null, bool EachToken = false, bool Answers = false, bool SeparatePairs = false)
{
    /// <summary>The task of such a head, which names its tensors.</summary>
    public TextTask Task => Answers ? TextTask.QuestionAnswering : EachToken ? TextTask.TokenClassification : Prompt is null ? TextTask.SequenceClassification : TextTask.MaskedLanguageModel;
}
