using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Turns texts into the rows of <see cref="TextBatches"/>.</summary>
internal static class TextInputs
{
    /// <summary>Tokenises texts and pairs, lower-cased first where the encoder asks for it, and put into a template where there is one; texts given as words word by word; pairs text by text where they are to be separate.</summary>
    public static Encoding[] Encode(
        this IReadOnlyList<TextInput> inputs, TextTokenizer tokenizer, bool lowerCase, int maxLength, Truncation truncation, PromptTemplate? template = null,
        bool separatePairs = false, CancellationToken cancellationToken = default) => inputs.Any(input => input.Words is not null) ? EncodeWords(inputs, tokenizer, lowerCase, maxLength, cancellationToken)
        : separatePairs ? EncodeSeparately(inputs, tokenizer, lowerCase, maxLength, cancellationToken) : template is not null ? template.EncodeAll(tokenizer, lowerCase, inputs, maxLength, truncation, cancellationToken) :
        tokenizer.EncodeAll([.. inputs.Select(input => lowerCase ? (Lower(input.Text), Lower(input.Pair)) : (input.Text, input.Pair))], maxLength, truncation, cancellationToken);

    /// <summary>The tokens of each text's words.</summary>
    public static TokenizedWords Words(TextInput input, TextTokenizer tokenizer, bool lowerCase)
    {
        IReadOnlyList<string> words = input.Words ?? throw new ArgumentException("A text is not given as words.", nameof(input));
        return new TokenizedWords(tokenizer, lowerCase ? [.. words.Select(word => Lower(word)!)] : words);
    }

    private static Encoding[] EncodeSeparately(IReadOnlyList<TextInput> inputs, TextTokenizer tokenizer, bool lowerCase, int maxLength, CancellationToken cancellationToken)
    {
        if (inputs.Any(input => input.Pair is null))
            throw new ArgumentException("The model compares two texts; expected pairs, found a single text.", nameof(inputs));
        // Nothing is taken from one text for the sake of the other.
        Encoding[] OneByOne(Func<TextInput, string?> text) =>
            tokenizer.EncodeAll([.. inputs.Select(input => ((lowerCase ? Lower(text(input)) : text(input))!, (string?)null))], maxLength, Truncation.LongestFirst, cancellationToken);
        return [.. OneByOne(input => input.Text).Zip(OneByOne(input => input.Pair), (first, second) => first with { Second = second })];
    }

    private static Encoding[] EncodeWords(IReadOnlyList<TextInput> inputs, TextTokenizer tokenizer, bool lowerCase, int maxLength, CancellationToken cancellationToken)
    {
        var encodings = new Encoding[inputs.Count];
        Parallel.For(0, inputs.Count, new ParallelOptions { CancellationToken = cancellationToken }, row => encodings[row] = Words(inputs[row], tokenizer, lowerCase).Encode(maxLength));
        return encodings;
    }

    /// <summary>A text in lower case, as Python's <c>str.lower</c> gives it; null stays null, so that the tokenizer's message names its row.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Lower(string? text) => text?.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();
}

/// <summary>Tokenised texts, cut into batches of similar length.</summary>
internal sealed class TextBatches(IReadOnlyList<Encoding> rows, EncoderConfig config)
{
    public int Count => rows.Count;

    /// <summary>Tokens of each row, both texts of a pair together.</summary>
    public int[] Lengths { get; } = [.. rows.Select(row => row.TokenCount)];

    /// <summary>Tokens of all rows, without padding.</summary>
    public long TokenCount => Lengths.Sum(length => (long)length);

    /// <summary>A row.</summary>
    public Encoding this[int row] => rows[row];

    /// <summary>Some of the rows, in the order asked for.</summary>
    public TextBatches Rows(IReadOnlyList<int> chosen) => new([.. chosen.Select(row => rows[row])], config);

    /// <summary>These rows and then others of the same encoder.</summary>
    public TextBatches Concat(TextBatches others) => new([.. rows, .. Enumerable.Range(0, others.Count).Select(row => others[row])], config);

    /// <summary>What the encoder reads of some rows: a text a row; of pairs that are read separately the first texts of all, and then the second ones.</summary>
    public Encoding[] Texts(IEnumerable<int> batch)
    {
        Encoding[] first = [.. batch.Select(row => rows[row])];
        return [.. first, .. first.Select(row => row.Second).OfType<Encoding>()];
    }

    /// <summary>The padded batch of some rows, in the order of <see cref="Texts"/>.</summary>
    public EncoderInput Input(IEnumerable<int> batch) => Input(Texts(batch));

    /// <summary>The padded batch of some texts.</summary>
    public EncoderInput Input(IReadOnlyList<Encoding> texts) => EncoderInput.Create(
        [.. texts.Select(text => text.Ids)], config.TokenTypeCount > 1 ? [.. texts.Select(text => text.TypeIds)] : null, config, config.Device);

    /// <summary>Adds all token ids to a digest.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        foreach (Encoding row in Texts(Enumerable.Range(0, rows.Count)))
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([row.Ids.Length]));
            hash.AppendData(MemoryMarshal.AsBytes(row.Ids.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(row.TypeIds.AsSpan()));
        }
    }

    /// <summary>Scores all rows with a model in evaluation mode, in batches of similar length.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batchSize">Rows a batch.</param>
    /// <param name="scores">Receives the logits, row-major [rows, classes], in the order of the rows.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    public void Score(TaskModel model, int batchSize, Span<float> scores, Action? checkAlive) => Score(Forward(model), batchSize, scores, checkAlive);

    /// <summary>Scores all rows, in batches of similar length.</summary>
    /// <param name="forward">The logits of some rows, [rows, classes].</param>
    /// <param name="batchSize">Rows a batch.</param>
    /// <param name="scores">Receives the logits, row-major [rows, classes], in the order of the rows.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    public void Score(Func<int[], Tensor> forward, int batchSize, Span<float> scores, Action? checkAlive)
    {
        foreach ((int[] batch, float[] values) in Forward(forward, batchSize, checkAlive))
        {
            int classes = values.Length / batch.Length;
            for (int i = 0; i < batch.Length; i++)
                values.AsSpan(i * classes, classes).CopyTo(scores[(batch[i] * classes)..]);
        }
    }

    /// <summary>Scores the words of all rows with a model in evaluation mode, in batches of similar length.</summary>
    /// <inheritdoc cref="ScoreWords(Func{int[], Tensor}, int, int, Action)"/>
    public float[][] ScoreWords(TaskModel model, int batchSize, int classes, Action? checkAlive) => ScoreWords(Forward(model), batchSize, classes, checkAlive);

    /// <summary>Scores the words of all rows, in batches of similar length.</summary>
    /// <param name="forward">The logits of some rows, [rows, tokens, classes].</param>
    /// <param name="batchSize">Rows a batch.</param>
    /// <param name="classes">How many logits a token has.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    /// <returns>The logits of each row, row-major [words, classes]; not a number for words that have no token.</returns>
    public float[][] ScoreWords(Func<int[], Tensor> forward, int batchSize, int classes, Action? checkAlive)
    {
        var scores = new float[rows.Count][];
        foreach ((int[] batch, float[] values) in Forward(forward, batchSize, checkAlive))
        {
            int width = values.Length / batch.Length;
            for (int i = 0; i < batch.Length; i++)
            {
                int[] tokens = rows[batch[i]].WordTokens!;
                float[] words = scores[batch[i]] = new float[tokens.Length * classes];
                for (int word = 0; word < tokens.Length; word++)
                    if (tokens[word] < 0)
                        words.AsSpan(word * classes, classes).Fill(float.NaN);
                    else
                        values.AsSpan(i * width + tokens[word] * classes, classes).CopyTo(words.AsSpan(word * classes));
            }
        }
        return scores;
    }

    private Func<int[], Tensor> Forward(TaskModel model) => batch =>
    {
        using EncoderInput input = Input(batch);
        return model.Forward(input);
    };

    private IEnumerable<(int[] Batch, float[] Values)> Forward(Func<int[], Tensor> forward, int batchSize, Action? checkAlive)
    {
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        Array.Sort((int[])Lengths.Clone(), order);
        foreach (int[] batch in order.Chunk(batchSize))
        {
            checkAlive?.Invoke();
            yield return (batch, Values(forward, batch));
        }
    }

    private static float[] Values(Func<int[], Tensor> forward, int[] batch)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        return forward(batch).cpu().data<float>().ToArray();
    }
}
