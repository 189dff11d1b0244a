using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Models;

/// <summary>Looks for the answers to questions in contexts of any length.</summary>
internal static class AnswerScoring
{
    /// <summary>How many numbers the answers to a question are.</summary>
    public static int NumberCount(AnswerRules rules) => AnswerRules.AnswerWidth * rules.TopK;

    /// <summary>All windows of a question are looked through, in batches with those of others.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="settings">Length of the windows and batch size.</param>
    /// <param name="rules">How answers are found.</param>
    /// <param name="inputs">Questions, each paired with its context.</param>
    /// <param name="numbers">Receives the answers to the questions one after another, as <see cref="FoundAnswer.Read"/> takes them.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    public static void Score(TaskModel model, TextTokenizer tokenizer, TextClassifierSettings settings, AnswerRules rules, IReadOnlyList<TextInput> inputs, Span<float> numbers, Action? checkAlive)
    {
        IReadOnlyList<ContextWindow>[] windows = ContextWindows.Encode(inputs, tokenizer, settings.LowerCase, settings.MaxLength, rules);
        var texts = new TextBatches([.. windows.SelectMany(of => of).Select(window => window.Encoding)], model.Encoder.Config);
        float[][] logits = texts.ScoreWords(model, settings.BatchSize, settings.ClassCount, checkAlive);
        int width = NumberCount(rules);
        for (int row = 0, at = 0; row < inputs.Count; row++)
        {
            var search = new AnswerSearch(rules);
            foreach (ContextWindow window in windows[row])
                search.Add(window, logits[at++]);
            FoundAnswer.Write(search.Best(), numbers.Slice(row * width, width));
        }
    }
}
