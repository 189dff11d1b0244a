using MLNet.FineTune.QuestionAnswering;

namespace MLNet.FineTune.Models;

/// <summary>How long the inputs of a classifier may be.</summary>
internal static class InputLength
{
    /// <summary>The longest input in tokens.</summary>
    /// <param name="asked">What is asked for; null for as much as the encoder takes, of a question with its context <see cref="AnswerRules.DefaultMaxLength"/> at most.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <param name="least">The fewest tokens that leave room for a text.</param>
    /// <param name="answers">Whether questions are answered.</param>
    /// <param name="method">What takes tokens of its own.</param>
    /// <exception cref="ArgumentException">There is no such length.</exception>
    public static int Choose(int? asked, PretrainedEncoder encoder, EncoderSource source, int least, bool answers, PeftMethod method)
    {
        int reserved = method.ReservedLength, most = encoder.Config.MaxLength - reserved;
        if (most < least)
            throw new ArgumentException($"'{method.MethodName}' needs {reserved} of the {encoder.Config.MaxLength} tokens that the encoder takes ({source.Description}), which leaves none for the text; make its prompt shorter.");
        if (asked is not { } length)
            return Math.Min(answers ? Math.Min(encoder.MaxLength, AnswerRules.DefaultMaxLength) : encoder.MaxLength, most);
        return length >= least && length <= most ? length : throw new ArgumentException(
            $"{nameof(FineTuneTask.MaxLength)} is {length}; expected {least} to {most}, what the encoder takes ({source.Description}){(reserved == 0 ? "" : $" beside the {reserved} of '{method.MethodName}'")}.");
    }
}
