using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>Several adapters on one encoder in memory: each text is scored with the adapter, or the stack of adapters, that it asks for.</summary>
/// <remarks>
/// An adapter brings its own classification head. Python's peft writes the folders that <see cref="Load"/> reads, and reads
/// those that <see cref="Save"/> writes where it knows the method. Thread-safe; one call scores at a time.
/// <code>
/// using AdapterSet adapters = mlContext.FineTuning().CreateAdapterSet(EncoderSource.Default);
/// adapters.Add("intent", intentModel);
/// adapters.Load("tone", "adapters/tone");
/// float[][] scores = adapters.Score(["Where is my parcel?", "Thanks!"], ["intent", "tone"]);
/// </code>
/// </remarks>
public sealed class AdapterSet : IDisposable
{
    private readonly AdapterBank _bank;
    private readonly Action _checkAlive;

    internal AdapterSet(AdapterBank bank, Action checkAlive) => (_bank, _checkAlive) = (bank, checkAlive);

    /// <summary>The names of the adapters, in the order they were added.</summary>
    public IReadOnlyList<string> Names => _bank.Names;

    /// <summary>Reads an adapter's folder, <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
    /// <param name="name">The adapter's name from here on.</param>
    /// <param name="directory">The folder.</param>
    /// <exception cref="ArgumentException">There is an adapter of that name.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or the adapter does not fit the encoder.</exception>
    /// <exception cref="NotSupportedException">The adapter is of a kind that is not supported.</exception>
    public void Load(string name, string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _bank.Load(name, directory);
    }

    /// <summary>Copies the adapter of a fitted model.</summary>
    /// <param name="name">The adapter's name from here on.</param>
    /// <param name="model">A model fitted on the same encoder; it can be disposed afterwards.</param>
    /// <exception cref="ArgumentException">There is an adapter of that name, the model was fitted on another encoder, its method trains the encoder itself, or it gives a text several labels.</exception>
    public void Add(string name, TextClassificationTransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Rule is not null)
            throw new ArgumentException("The model gives a text several labels or none; the adapters of a set give it one.", nameof(model));
        Copy(name, model);
    }

    /// <summary>Copies the adapter of a fitted model that predicts numbers.</summary>
    /// <param name="name">The adapter's name from here on.</param>
    /// <param name="model">A model fitted on the same encoder; it can be disposed afterwards.</param>
    /// <exception cref="ArgumentException">There is an adapter of that name, the model was fitted on another encoder, or its method trains the encoder itself.</exception>
    public void Add(string name, TextRegressionTransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Copy(name, model);
    }

    /// <summary>Takes an adapter away and frees its memory.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is no such adapter.</exception>
    public void Remove(string name) => _bank.Remove(name);

    /// <summary>Writes an adapter's folder.</summary>
    /// <param name="name">The adapter.</param>
    /// <param name="directory">The folder, made where absent; files in it are replaced.</param>
    /// <exception cref="ArgumentException">There is no such adapter.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Save(string name, string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _bank.Save(name, directory);
    }

    /// <summary>Merges adapters that change weight matrices, such as <see cref="Lora"/>, into a new one. Heads of one shape are averaged, else the first's is taken.</summary>
    /// <param name="name">The name of the new adapter.</param>
    /// <param name="weights">The adapters to merge and how much each counts.</param>
    /// <param name="options">The recipe; null for the weighted sum.</param>
    /// <exception cref="ArgumentException">There is an adapter of the new name, one to merge is missing or does something else than change weight matrices, or an option is out of range.</exception>
    public void Merge(string name, IReadOnlyDictionary<string, double> weights, AdapterMergeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count == 0)
            throw new ArgumentException("No adapter to merge is named; expected at least one.", nameof(weights));
        _bank.Merge(name, weights, options ?? new AdapterMergeOptions());
    }

    /// <summary>Scores each text with an adapter of its own; texts of one adapter are scored together.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="adapters">The adapter of each text, or one for all.</param>
    /// <returns>For each text the probabilities of the classes of its adapter's head; the predicted number alone where the head has one output.</returns>
    /// <exception cref="ArgumentException">There are neither as many adapters as texts nor one, or there is no such adapter.</exception>
    public float[][] Score(IReadOnlyList<string> texts, params IReadOnlyList<string> adapters)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(adapters);
        if (adapters.Count != 1 && adapters.Count != texts.Count)
            throw new ArgumentException($"{adapters.Count} adapters are named for {texts.Count} texts; expected one for each, or one for all.", nameof(adapters));
        var scores = new float[texts.Count][];
        foreach (IGrouping<string, int> rows in Enumerable.Range(0, texts.Count).GroupBy(row => adapters.Count == 1 ? adapters[0] : adapters[row]))
            foreach ((int row, float[] probabilities) in rows.Zip(ScoreStack([.. rows.Select(row => texts[row])], rows.Key)))
                scores[row] = probabilities;
        return scores;
    }

    /// <summary>Scores texts with several adapters that take part at once, a language's and a task's for instance; the head is the last one's.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="stack">The adapters, in the order they apply.</param>
    /// <returns>For each text the probabilities of the classes of the last adapter's head; the predicted number alone where the head has one output.</returns>
    /// <exception cref="ArgumentException">There is no such adapter, or none is named.</exception>
    public float[][] ScoreStack(IReadOnlyList<string> texts, params IReadOnlyList<string> stack)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(stack);
        if (stack.Count == 0)
            throw new ArgumentException("No adapter is named; expected at least one.", nameof(stack));
        float[] logits = _bank.Score([.. texts.Select(text => new TextInput(text ?? ""))], stack, _checkAlive);
        int classes = _bank.ClassCount(stack[^1]);
        // One output is no class, of which there are two at least, but a number.
        if (classes == 1)
            return [.. logits.Select(number => new[] { number })];
        return [.. logits.Chunk(classes).Select(row =>
        {
            var probabilities = new float[classes];
            Softmax.Apply(row, probabilities);
            return probabilities;
        })];
    }

    private void Copy(string name, FineTunedTextTransformer model) =>
        model.Classifier.Use(classifier => _bank.Copy(name, classifier as TextClassifier ?? throw new ArgumentException("The model is not one that holds an adapter.", nameof(model))));

    /// <summary>Frees the encoder and all adapters.</summary>
    public void Dispose() => _bank.Dispose();
}
