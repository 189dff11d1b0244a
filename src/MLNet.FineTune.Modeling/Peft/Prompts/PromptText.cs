namespace MLNet.FineTune.Peft;

/// <summary>The text a prompt begins as, and its tokens once a tokenizer has been at hand.</summary>
internal static class PromptText
{
    /// <exception cref="ArgumentException">A text is asked for and not given.</exception>
    public static void Check(string method, PromptInitialization initialization, string? text, int[]? tokens)
    {
        if (initialization == PromptInitialization.Text && string.IsNullOrWhiteSpace(text) && tokens is not { Length: > 0 })
            throw new ArgumentException($"{method}.{nameof(PromptTuning.Initialization)} is {initialization}, but {nameof(PromptTuning.InitialText)} is empty; expected a text, such as the names of the classes.");
    }

    /// <summary>The tokens of the text, in the encoder's vocabulary.</summary>
    /// <exception cref="ArgumentException">The text has none.</exception>
    public static int[] Tokens(string method, string text, PeftPreparation preparation) => preparation.Tokenize(text) is { Length: > 0 } tokens ? tokens
        : throw new ArgumentException($"{method}.{nameof(PromptTuning.InitialText)} is '{text}', which has no tokens; expected words.");
}
