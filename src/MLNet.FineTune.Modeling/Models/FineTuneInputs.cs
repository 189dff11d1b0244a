using MLNet.FineTune.Prompting;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Tokenization;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Models;

/// <summary>What fits of one encoder on the same texts share: the opened checkpoint, and the texts, tokenised once, or once for each maximum length that cuts some of them.</summary>
/// <remarks>Not for use by several threads at once.</remarks>
internal sealed class FineTuneInputs : IDisposable
{
    private readonly LabelledTexts _train;
    private readonly LabelledTexts? _held;
    private readonly FineTuneTask _task;
    private Verbalizer? _words;
    private readonly Dictionary<int, (EncodedTexts Rows, EncodedTexts? Validation, TextBatches? Unlabeled)> _tokenized = [];

    private FineTuneInputs(FineTuneTask task, PretrainedEncoder encoder)
    {
        (_task, Encoder) = (task, encoder);
        if (task.Prompt is not null)
        {
            Prompt.Require(encoder, task.Encoder);
            Template = Prompt.TemplateOf(task.Prompt, HasPairs);
        }
        (LabelledTexts train, _held) = Split(task);
        _train = task.Extra is null ? train : train.Append(task.Extra);
    }

    public PretrainedEncoder Encoder { get; }

    /// <summary>What the texts are put into; null for nothing.</summary>
    public PromptTemplate? Template { get; }

    /// <summary>The words that stand for the classes in the template, found once.</summary>
    /// <param name="rows">The labelled texts, in the template.</param>
    public Verbalizer Words(EncodedTexts rows) => _words ??= LabelWordSearch.Complete(_task, Encoder, rows);

    /// <summary>Whether texts come in pairs.</summary>
    public bool HasPairs => All(_task).Any(input => input.Pair is not null);

    /// <summary>Tokens of an empty text.</summary>
    public int LeastLength => Template?.Length(Encoder.Tokenizer, Encoder.LowerCase) ?? Encoder.Tokenizer.SpecialTokenCount(HasPairs && !SeparatePairs);

    /// <summary>Whether each text of a pair is read by itself.</summary>
    public bool SeparatePairs => Template is null && _task.Answers is null && HasPairs && (_task.Pairs == PairEncoding.Separate || (_task.Pairs == PairEncoding.Auto && Encoder.Config.LayerCount == 1));

    /// <summary>Opens the encoder of a task, and sets the rows to measure on aside.</summary>
    /// <exception cref="ArgumentException">A class cannot be split.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    public static FineTuneInputs Open(FineTuneTask task)
    {
        PretrainedEncoder encoder = task.Encoder.Open(All(task).SelectMany(input => input.Pair is null ? [input.Text] : new[] { input.Text, input.Pair }).Concat(PromptTexts(task.Prompt)));
        return encoder.HandTo(() => new FineTuneInputs(task, encoder));
    }

    /// <summary>The texts as tokens.</summary>
    /// <param name="maxLength">The most tokens of a text; what is longer is cut.</param>
    /// <param name="cancellationToken">Ends the tokenising.</param>
    /// <returns>Rows to learn, those to measure on or null, and texts without labels or null.</returns>
    public (EncodedTexts Rows, EncodedTexts? Validation, TextBatches? Unlabeled) Tokenize(int maxLength, CancellationToken cancellationToken)
    {
        if (!_tokenized.TryGetValue(maxLength, out var texts) && !UncutWithin(maxLength, out texts))
            _tokenized.Add(maxLength, texts = (
                Tokenize(_train, maxLength, cancellationToken),
                _held is null ? null : Tokenize(_held, maxLength, cancellationToken),
                _task.Unlabeled is null ? null : Tokenize(_task.Unlabeled.Inputs, maxLength, cancellationToken)));
        return texts;
    }

    /// <summary>Tokens for another maximum length, to which no text was cut, and which the asked one does not cut either: methods that take tokens of their own differ in what they leave.</summary>
    private bool UncutWithin(int maxLength, out (EncodedTexts Rows, EncodedTexts? Validation, TextBatches? Unlabeled) texts)
    {
        foreach ((int limit, var tokens) in _tokenized)
        {
            int longest = new[] { tokens.Rows.Batches, tokens.Validation?.Batches, tokens.Unlabeled }.Max(batches => batches?.Lengths.DefaultIfEmpty().Max() ?? 0);
            if (longest < limit && longest <= maxLength)
            {
                texts = tokens;
                return true;
            }
        }
        texts = default;
        return false;
    }

    public void Dispose() => Encoder.Dispose();

    /// <summary>A vocabulary that is made of the texts has to have the words of the prompt too.</summary>
    private static IEnumerable<string> PromptTexts(ClozePrompt? prompt) => prompt is null ? []
        : (prompt.LabelWords?.Values.SelectMany(words => words) ?? []).Append(prompt.Template is null ? "" : PromptTemplate.Parse(prompt.Template).Literals);

    private static IEnumerable<TextInput> All(FineTuneTask task) => task.Data.Inputs.Concat(task.Extra?.Inputs ?? []).Concat(task.Unlabeled?.Inputs ?? []);

    private EncodedTexts Tokenize(LabelledTexts data, int maxLength, CancellationToken cancellationToken) => data.Answers is { } answers ? TokenizeQuestions(data, answers, maxLength, cancellationToken)
        : new(Tokenize(data.Inputs, maxLength, cancellationToken), data.Labels, data.Weights, data.LabelSets, data.Targets, data.Tags);

    private TextBatches Tokenize(IReadOnlyList<TextInput> texts, int maxLength, CancellationToken cancellationToken)
    {
        Encoding[] rows = texts.Encode(Encoder.Tokenizer, Encoder.LowerCase, maxLength, _task.Truncation, Template, SeparatePairs, cancellationToken);
        int full = rows.Count(row => row.Ids.Length == maxLength || row.Second?.Ids.Length == maxLength);
        if (full > 0)
            _task.Inform?.Invoke($"{full} of {rows.Length} texts fill the maximum length of {maxLength} tokens; what is longer is cut ({_task.Truncation}).");
        return new TextBatches(rows, Encoder.Config with { Device = _task.Device });
    }

    /// <summary>A row for each window of a question's context.</summary>
    private EncodedTexts TokenizeQuestions(LabelledTexts data, GoldAnswers[] gold, int maxLength, CancellationToken cancellationToken)
    {
        IReadOnlyList<ContextWindow>[] windows = ContextWindows.Encode(data.Inputs, Encoder.Tokenizer, Encoder.LowerCase, maxLength, _task.Answers!, cancellationToken);
        AnswerWindow[] answers = [.. windows.SelectMany((of, row) => AnswerWindow.Of(row, of, gold[row]))];
        int parted = windows.Count(of => of.Count > 1), learnt = answers.Where(answer => answer.Start > 0).Select(answer => answer.Row).Distinct().Count();
        if (parted > 0)
            _task.Inform?.Invoke($"{parted} of {windows.Length} contexts are longer than the maximum length of {maxLength} tokens with their questions and are read in windows, {answers.Length} in all.");
        if (gold.Count(answer => answer.Texts.Count > 0) - learnt is > 0 and var lost)
            _task.Inform?.Invoke($"{lost} answers are not whole in any window, or have no token, and cannot be learnt.");
        return new EncodedTexts(
            new TextBatches([.. answers.Select(answer => answer.Window.Encoding)], Encoder.Config with { Device = _task.Device }), new int[answers.Length],
            data.Weights is null ? null : [.. answers.Select(answer => data.Weights[answer.Row])], Answers: answers);
    }

    private static (LabelledTexts Train, LabelledTexts? Validation) Split(FineTuneTask task)
    {
        if (task.Validation is not null || task.Training.ValidationFraction == 0)
            return (task.Data, task.Validation);
        (int[] kept, int[] held) = task.Data.LabelSets is { } sets
            ? LabelSetSplit.Create(sets, task.Training.ValidationFraction, task.Seed)
            : StratifiedSplit.Create(task.Data.Labels, task.Training.ValidationFraction, task.Seed);
        return (task.Data.Rows(kept), task.Data.Rows(held));
    }
}
