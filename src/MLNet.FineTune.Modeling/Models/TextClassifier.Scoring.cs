using MLNet.FineTune.Encoders;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Models;

internal sealed partial class TextClassifier
{
    public int LogitCount(TextInput input) => Settings.Answers is { } rules ? AnswerRules.AnswerWidth * rules.TopK : Settings.EachWord ? ClassCount * (input.Words ?? throw NotWords()).Count : ClassCount;

    public void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive = null)
    {
        if (Settings.EachWord)
            ScoreWords(inputs, logits, checkAlive);
        else if (Settings.Answers is { } rules)
            FindAnswers(inputs, rules, logits, checkAlive);
        else
            Encode(inputs).Score(_model, BatchSize, logits, checkAlive);
    }

    /// <summary>Long texts go through the model in windows; each word takes its logits from the one it has a token in.</summary>
    private void ScoreWords(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive)
    {
        (int Row, Encoding Window)[] windows = [.. inputs.SelectMany((input, row) =>
            TextInputs.Words(input, _tokenizer, Settings.LowerCase).Windows(Settings.MaxLength).Select(window => (row, window)))];
        var starts = new int[inputs.Count + 1];
        for (int row = 0; row < inputs.Count; row++)
            starts[row + 1] = starts[row] + LogitCount(inputs[row]);
        var texts = new TextBatches([.. windows.Select(window => window.Window)], _model.Encoder.Config);
        logits[..starts[^1]].Fill(float.NaN);
        float[][] scores = ScoreWords(texts, checkAlive);
        for (int i = 0; i < windows.Length; i++)
        {
            int[] tokens = windows[i].Window.WordTokens!;
            for (int word = 0; word < tokens.Length; word++)
                if (tokens[word] >= 0)
                    scores[i].AsSpan(word * ClassCount, ClassCount).CopyTo(logits[(starts[windows[i].Row] + word * ClassCount)..]);
        }
    }

    /// <summary>All windows of a row are looked through, in batches with those of other rows.</summary>
    private void FindAnswers(IReadOnlyList<TextInput> inputs, AnswerRules rules, Span<float> numbers, Action? checkAlive)
    {
        IReadOnlyList<ContextWindow>[] windows = ContextWindows.Encode(inputs, _tokenizer, Settings.LowerCase, Settings.MaxLength, rules);
        var texts = new TextBatches([.. windows.SelectMany(of => of).Select(window => window.Encoding)], _model.Encoder.Config);
        float[][] logits = ScoreWords(texts, checkAlive);
        for (int row = 0, at = 0; row < inputs.Count; row++)
        {
            var search = new AnswerSearch(rules);
            foreach (ContextWindow window in windows[row])
                search.Add(window, logits[at++]);
            int width = LogitCount(inputs[row]);
            FoundAnswer.Write(search.Best(), numbers.Slice(row * width, width));
        }
    }

    private float[][] ScoreWords(TextBatches texts, Action? checkAlive) => texts.ScoreWords(batch =>
    {
        using EncoderInput input = texts.Input(batch);
        return _model.Forward(input);
    }, BatchSize, ClassCount, checkAlive);

    private static ArgumentException NotWords() => new("The classifier classifies words, but a text is not given as words.");
}
