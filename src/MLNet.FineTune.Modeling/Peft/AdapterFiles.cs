using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>An adapter as two files, <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, named as Python's peft names them.</summary>
internal static class AdapterFiles
{
    public const string ConfigFile = "adapter_config.json";
    public const string WeightsFile = "adapter_model.safetensors";
    public const string Prefix = "base_model.model.";

    /// <summary>The key of the options of a method that peft does not know.</summary>
    private const string OwnMethod = "mlnet_finetune";

    private const string PoolingKey = "pooling";
    private const string PairsKey = "separate_pairs";
    private const string NormalizeKey = "normalize";

    /// <summary>The module that peft saves whole whenever the task is classification.</summary>
    private const string Classifier = "classifier";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>What an adapter file holds: the added parameters, those of the base that train, and the modules' further state.</summary>
    public static IEnumerable<KeyValuePair<string, Tensor>> Tensors(PeftAdapter adapter) =>
        adapter.Trainable.Select(p => new KeyValuePair<string, Tensor>(FileName(adapter, p), p.Parameter))
            .Concat(adapter.State.Select(state => new KeyValuePair<string, Tensor>(adapter.Method.StateFileName(state.Name), state.Tensor)));

    /// <summary>Writes the weights.</summary>
    public static void SaveWeights(PeftAdapter adapter, Stream stream) => SafetensorsWriter.Write(stream, Tensors(adapter), Metadata(adapter));

    /// <summary>The configuration for Python's peft, UTF-8; null where peft has no such method.</summary>
    public static byte[]? Config(PeftAdapter adapter)
    {
        if (adapter.Method.WriteAdapterConfig(adapter) is not { } config)
            return null;
        if (adapter.Model.Task is TextTask.TokenClassification or TextTask.QuestionAnswering)
            config["task_type"] = adapter.Model.Task == TextTask.TokenClassification ? "TOKEN_CLS" : "QUESTION_ANS";
        return Encoding.UTF8.GetBytes(config.ToJsonString(Indented));
    }

    /// <summary>Writes an adapter's folder: its weights, and the configuration of Python's peft, or of this library where peft has no such method. Files appear whole or not at all.</summary>
    public static void Save(PeftAdapter adapter, string directory)
    {
        Directory.CreateDirectory(directory);
        byte[] config = Config(adapter) ?? Encoding.UTF8.GetBytes(new JsonObject { [OwnMethod] = PeftMethods.ToJson(adapter.Method) }.ToJsonString(Indented));
        Write(Path.Combine(directory, WeightsFile), stream => SaveWeights(adapter, stream));
        Write(Path.Combine(directory, ConfigFile), stream => stream.Write(config));
    }

    /// <summary>The head that an adapter file is for.</summary>
    /// <param name="file">The file.</param>
    /// <param name="names">Names of the encoder's tensors.</param>
    /// <param name="pooling">How the encoder pools, for a file that does not say.</param>
    /// <exception cref="InvalidDataException">The file has no head, or what it says of it is malformed.</exception>
    public static ClassifierLayout Layout(SafetensorsFile file, CheckpointNames names, PoolingModes? pooling)
    {
        bool? normalize = null;
        if (file.Metadata.TryGetValue(PoolingKey, out string? pools))
            pooling = PoolingModes.Parse(pools) ?? throw Malformed(PoolingKey, pools, $"ways of pooling such as '{PoolingMode.Mean}'");
        if (file.Metadata.TryGetValue(NormalizeKey, out string? length))
            normalize = bool.TryParse(length, out bool one) ? one : throw Malformed(NormalizeKey, length, $"'{bool.TrueString}' or '{bool.FalseString}'");
        bool separate = false;
        if (file.Metadata.TryGetValue(PairsKey, out string? pairs) && !bool.TryParse(pairs, out separate))
            throw Malformed(PairsKey, pairs, $"'{bool.TrueString}' or '{bool.FalseString}'");
        return new ClassifierLayout(ClassCount(file, names), pooling, normalize, SeparatePairs: separate);

        InvalidDataException Malformed(string key, string found, string expected) => new($"{file.Location}: metadata '{key}' is '{found}'; expected {expected}.");
    }

    /// <summary>How pooled vectors reach the head, which is the encoder's own way in Python but need not be here.</summary>
    private static Dictionary<string, string> Metadata(PeftAdapter adapter)
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        if (adapter.Model.Head is SequenceHead { Layout: var layout })
        {
            if (layout.Pooling is { } pooling)
                metadata[PoolingKey] = pooling.ToString();
            if (layout.Normalize is { } normalize)
                metadata[NormalizeKey] = normalize.ToString();
            if (layout.SeparatePairs)
                metadata[PairsKey] = bool.TrueString;
        }
        return metadata;
    }

    private static int ClassCount(SafetensorsFile source, CheckpointNames names)
    {
        string output = names.Tensor("head.output.weight");
        TensorInfo info = source.Tensors.Values.FirstOrDefault(tensor => tensor.Name.EndsWith('.' + output, StringComparison.Ordinal) && tensor.Shape.Count == 2 && !IsCopy(tensor.Name))
            ?? throw new InvalidDataException($"{source.Location}: no tensor '{output}' of two dimensions, which a classifier's adapter has; its tensors are {string.Join(", ", source.Tensors.Keys.Take(5))} and so on.");
        return checked((int)info.Shape[0]);
    }

    private static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = File.Create(temporary))
                write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Copies an adapter file's tensors into an attached adapter.</summary>
    /// <exception cref="InvalidDataException">Tensors are missing, unknown, or of another shape or type.</exception>
    public static void LoadWeights(PeftAdapter adapter, ITensorSource source)
    {
        List<(Tensor Target, string Name)> copies = Match(adapter, source);
        using var _ = no_grad();
        foreach ((Tensor target, string name) in copies)
            using (Tensor tensor = source.Read(name, target.dtype))
                target.copy_(tensor);
        foreach (Placement placed in adapter.Placed)
            placed.Module.CheckLoaded();
        adapter.Model.WeightsChanged();
    }

    /// <summary>Checks an adapter file's tensors without reading them.</summary>
    /// <inheritdoc cref="LoadWeights"/>
    public static void CheckWeights(PeftAdapter adapter, ITensorSource source) => Match(adapter, source);

    private static List<(Tensor Target, string Name)> Match(PeftAdapter adapter, ITensorSource source)
    {
        string inner = Prefix + adapter.Model.Names.Family.BasePrefix;
        // An adapter trained on the bare encoder has no family prefix.
        bool bare = !source.Tensors.Keys.Any(name => name.StartsWith(inner, StringComparison.Ordinal));
        var problems = new TensorProblems(source.Location);
        var copies = new List<(Tensor Target, string Name)>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (AdapterParameter parameter in adapter.Trainable)
        {
            string name = FileName(adapter, parameter);
            if (bare && name.StartsWith(inner, StringComparison.Ordinal))
                name = Prefix + name[inner.Length..];
            known.Add(name);
            if (!source.Tensors.TryGetValue(name, out TensorInfo? stored))
                problems.Missing.Add(name);
            else if (problems.Fits(stored, parameter.Parameter.shape))
                copies.Add((parameter.Parameter, name));
        }
        foreach ((string ours, Tensor state) in adapter.State)
        {
            string name = adapter.Method.StateFileName(ours);
            known.Add(name);
            if (!source.Tensors.TryGetValue(name, out TensorInfo? stored))
                problems.Missing.Add(name);
            else if (problems.Fits(stored, state.shape, is_floating_point(state) ? null : TensorDTypes.Find(state.dtype)))
                copies.Add((state, name));
        }
        problems.Extra.AddRange(source.Tensors.Keys.Where(name => !known.Contains(name) && !IsCopy(name)).Order(StringComparer.Ordinal));
        problems.ThrowIfAny();
        return copies;
    }

    /// <summary>Attaches the adapter a directory holds, as Python's peft or this library wrote it.</summary>
    /// <exception cref="NotSupportedException">The adapter is of a type that is not supported.</exception>
    /// <exception cref="InvalidDataException">The files are malformed, or do not fit the model or each other.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    public static PeftAdapter Load(TaskModel model, string directory)
    {
        string path = Path.Combine(directory, ConfigFile);
        JsonObject json = JsonFile.ReadObject(path);
        PeftMethod method = json[OwnMethod] is JsonObject own ? PeftMethods.FromJson(own)
            : PeftMethods.ByPeftType(json.Value<string>("peft_type", path), path).ReadAdapterConfig(json, path);
        using ITensorSource source = SafetensorsFile.Open(Path.Combine(directory, WeightsFile));
        PeftAdapter adapter;
        try
        {
            adapter = PeftAdapter.Attach(model, method, json[OwnMethod] is not null || HeadDenseTrains(model.Names, json, path));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{path}: the adapter does not fit the model: {e.Message}", e);
        }
        try
        {
            LoadWeights(adapter, source);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Modules besides the classifier that peft must load from the adapter: the dense layer of the head where it trains.</summary>
    public static JsonArray? ModulesToSave(PeftAdapter adapter)
    {
        // Where only its bias trains, the bias goes by its own name, as all other biases do.
        if (!adapter.TrainedBase.Any(p => p.Name == PeftAdapter.HeadDense + "weight"))
            return null;
        string module = HeadDenseModule(adapter.Model.Names);
        return module == Classifier ? null : [module];
    }

    private static bool HeadDenseTrains(CheckpointNames names, JsonObject json, string path) =>
        HeadDenseModule(names) is var module && (module == Classifier || json.Texts("modules_to_save", path)?.Contains(module) == true);

    /// <summary>The outermost module, below the encoder's prefix, that the dense layer of the head is in.</summary>
    private static string HeadDenseModule(CheckpointNames names) =>
        names.Module("head.dense").Replace(names.Family.BasePrefix, "", StringComparison.Ordinal).Split('.')[0];

    /// <summary>peft wraps modules it saves whole and lists their tensors a second and third time under the wrapper's names.</summary>
    private static bool IsCopy(string name) =>
        name.Contains(".modules_to_save.", StringComparison.Ordinal) || name.Contains(".original_module.", StringComparison.Ordinal);

    private static string FileName(PeftAdapter adapter, AdapterParameter parameter) => adapter.Method.FileName(parameter, adapter.Model.Names);
}
