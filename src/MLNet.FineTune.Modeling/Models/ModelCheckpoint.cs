using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Heads;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Which of a head's tensors must be in a checkpoint.</summary>
internal enum HeadWeights
{
    /// <summary>All of them, and nothing unknown besides.</summary>
    Required,

    /// <summary>None: the dense layer is taken where it is there, the output layer stays fresh.</summary>
    Fresh,

    /// <summary>None, but all that are there are taken: of a head that is the same for every task of its kind.</summary>
    Optional,
}

/// <summary>Loads models from checkpoints in Hugging Face's layout, checking every tensor.</summary>
internal static class ModelCheckpoint
{
    /// <summary>Heads of other tasks, found beside an encoder and left alone.</summary>
    private static readonly string[] OtherHeads =
    [
        "cls.", "classifier.", "pooler.", "lm_head.", "qa_outputs.", "generator_", "discriminator_predictions.", "predictions.",
        "sop_classifier.", "vocab_", "pre_classifier.", "mask_predictions.", "lm_predictions.",
    ];

    /// <summary>Loads a fine-tuned model: encoder and head.</summary>
    public static TaskModel Load(string directory, TextTask task)
    {
        JsonObject json = ReadConfig(directory);
        (EncoderFamily family, EncoderConfig config) = EncoderFamily.Read(json, Path.Combine(directory, "config.json"));
        int labels = CheckpointLabels.Count(json, Path.Combine(directory, "config.json"));
        using ITensorSource source = CheckpointDirectory.OpenWeights(directory);
        return Create(config, source, HeadWeights.Required, sized =>
        {
            var encoder = new TransformerEncoder(sized);
            return new TaskModel(family, encoder, HeadFactory.Create(family, encoder, task, new ClassifierLayout(labels)), task);
        });
    }

    /// <summary>Builds a model and copies a checkpoint's tensors into it, once they are known to fit.</summary>
    /// <param name="config">The encoder's configuration.</param>
    /// <param name="source">The tensors.</param>
    /// <param name="head">Which of the head's must be there.</param>
    /// <param name="build">Builds the model on the device of a configuration.</param>
    /// <exception cref="InvalidDataException">The tensors are not those that the configuration asks for.</exception>
    public static TaskModel Create(EncoderConfig config, ITensorSource source, HeadWeights head, Func<EncoderConfig, TaskModel> build)
    {
        CreateShapes(config, source, head, build).Dispose();
        TaskModel model = build(config);
        try
        {
            LoadWeights(model, source, head);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The model without memory for its weights, checked against a checkpoint's tensors: so a damaged configuration is
    /// found before it makes us allocate more than the file holds.
    /// </summary>
    /// <inheritdoc cref="Create"/>
    public static TaskModel CreateShapes(EncoderConfig config, ITensorSource source, HeadWeights head, Func<EncoderConfig, TaskModel> build)
    {
        if (config.PhysicalLayerCount > source.Tensors.Count)
            throw new InvalidDataException($"{source.Location}: {source.Tensors.Count} tensors are too few for the {config.PhysicalLayerCount} layers that the configuration asks for.");
        TaskModel? shapes = null;
        try
        {
            shapes = build(config with { Device = META });
            Match(shapes, source, head);
            return shapes;
        }
        catch (ExternalException e)
        {
            shapes?.Dispose();
            throw new InvalidDataException($"{source.Location}: the sizes that the configuration asks for are no tensors': {e.Message.Split('\n')[0]}", e);
        }
        catch
        {
            shapes?.Dispose();
            throw;
        }
    }

    /// <exception cref="FileNotFoundException">There is no <c>config.json</c>.</exception>
    /// <exception cref="InvalidDataException">It is not a JSON object.</exception>
    public static JsonObject ReadConfig(string directory)
    {
        string path = Path.Combine(directory, "config.json");
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{directory}' holds no config.json; expected a model directory in Hugging Face layout.", path);
        return JsonFile.ReadObject(path);
    }

    /// <summary>Copies a checkpoint's tensors into a model.</summary>
    /// <exception cref="InvalidDataException">Tensors are missing, unknown, or of another shape or type than the configuration says (lists them), or hold values that are not finite.</exception>
    public static void LoadWeights(TaskModel model, ITensorSource source, HeadWeights head)
    {
        List<(Parameter Target, string Name)> copies = Match(model, source, head);
        using var _ = torch.no_grad();
        foreach ((Parameter target, string name) in copies)
            using (Tensor tensor = source.Read(name, ScalarType.Float32))
            {
                CheckFinite(tensor, name, source.Location);
                target.copy_(tensor);
            }
        model.WeightsChanged();
    }

    /// <summary>Which stored tensor goes into which parameter.</summary>
    private static List<(Parameter Target, string Name)> Match(TaskModel model, ITensorSource source, HeadWeights head)
    {
        Dictionary<string, string> stored = Normalize(source);
        string prefix = model.Names.Family.BasePrefix;
        bool prefixed = stored.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));
        string InFile(string name) => prefixed || !name.StartsWith(prefix, StringComparison.Ordinal) ? name : name[prefix.Length..];

        if (!model.Encoder.Config.TiesWordEmbeddings && model.Names.Tied.FirstOrDefault(name => name.EndsWith(".weight", StringComparison.Ordinal) && stored.ContainsKey(name)) is { } untied)
            throw new NotSupportedException($"{source.Location}: 'tie_word_embeddings' is false in config.json, so that the head for hidden tokens has a matrix of its own, '{untied}'; supported are heads that share the word embeddings.");
        var problems = new TensorProblems(source.Location);
        var known = new HashSet<string>(model.Names.Tied);
        var copies = new List<(Parameter Target, string Name)>();
        foreach ((string ours, Parameter parameter) in model.named_parameters())
        {
            string name = InFile(model.Names.Tensor(ours));
            known.Add(name);
            bool fresh = head != HeadWeights.Required && ours.StartsWith("head.", StringComparison.Ordinal);
            if (fresh && ((head == HeadWeights.Fresh && ours.StartsWith("head.output.", StringComparison.Ordinal)) || !stored.ContainsKey(name)))
                continue;
            if (!stored.TryGetValue(name, out string? actual))
                problems.Missing.Add(name);
            else if (problems.Fits(source.Tensors[actual], parameter.shape))
                copies.Add((parameter, actual));
        }
        problems.Extra.AddRange(stored.Keys.Where(name => !known.Contains(name) && !MayIgnore(name, head)).Order(StringComparer.Ordinal));
        problems.ThrowIfAny();
        return copies;
    }

    /// <summary>One value that is no number makes every output none.</summary>
    /// <exception cref="InvalidDataException">There is one.</exception>
    public static void CheckFinite(Tensor tensor, string name, string location)
    {
        using Tensor finite = tensor.isfinite();
        using Tensor all = finite.all();
        if (!all.item<bool>())
            throw new InvalidDataException($"{location}: tensor '{name}' holds values that are infinite or not a number; the file is damaged, or the training that made it diverged.");
    }

    private static bool MayIgnore(string name, HeadWeights head) =>
        name.EndsWith("position_ids", StringComparison.Ordinal)
        || name.Contains(".pooler.", StringComparison.Ordinal)
        || (head != HeadWeights.Required && OtherHeads.Any(other => name.StartsWith(other, StringComparison.Ordinal)));

    /// <summary>Checkpoints converted from TensorFlow call LayerNorm's parameters gamma and beta.</summary>
    private static Dictionary<string, string> Normalize(ITensorSource source)
    {
        var names = new Dictionary<string, string>();
        foreach (string name in source.Tensors.Keys)
        {
            string plain = name.EndsWith(".gamma", StringComparison.Ordinal) ? name[..^6] + ".weight" : name.EndsWith(".beta", StringComparison.Ordinal) ? name[..^5] + ".bias" : name;
            if (!names.TryAdd(plain, name))
                throw new InvalidDataException($"{source.Location}: '{names[plain]}' and '{name}' are two names of one tensor.");
        }
        return names;
    }
}
