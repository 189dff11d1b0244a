using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Models;

/// <summary>Scores the words of texts of any length.</summary>
internal static class WordScoring
{
    /// <summary>How many logits the words of a text have.</summary>
    /// <exception cref="ArgumentException">The text is not given as words.</exception>
    public static int LogitCount(TextInput input, int classes) =>
        classes * (input.Words ?? throw new ArgumentException("The classifier classifies words, but a text is not given as words.", nameof(input))).Count;

    /// <summary>Long texts go through the model in windows; each word takes its logits from the one it has a token in.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="settings">Length of the windows, batch size and number of classes.</param>
    /// <param name="inputs">Texts given as words.</param>
    /// <param name="logits">Receives the logits of the texts one after another, each row-major [words, classes]; not a number for words that have no token.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    public static void Score(TaskModel model, TextTokenizer tokenizer, TextClassifierSettings settings, IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive)
    {
        int classes = settings.ClassCount;
        (int Row, Encoding Window)[] windows = [.. inputs.SelectMany((input, row) =>
            TextInputs.Words(input, tokenizer, settings.LowerCase).Windows(settings.MaxLength).Select(window => (row, window)))];
        var starts = new int[inputs.Count + 1];
        for (int row = 0; row < inputs.Count; row++)
            starts[row + 1] = starts[row] + LogitCount(inputs[row], classes);
        var texts = new TextBatches([.. windows.Select(window => window.Window)], model.Encoder.Config);
        logits[..starts[^1]].Fill(float.NaN);
        float[][] scores = texts.ScoreWords(model, settings.BatchSize, classes, checkAlive);
        for (int i = 0; i < windows.Length; i++)
        {
            int[] tokens = windows[i].Window.WordTokens!;
            for (int word = 0; word < tokens.Length; word++)
                if (tokens[word] >= 0)
                    scores[i].AsSpan(word * classes, classes).CopyTo(logits[(starts[windows[i].Row] + word * classes)..]);
        }
    }
}
