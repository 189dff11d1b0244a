using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Peft;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>A Dense module of sentence-transformers before it is put on a device: its shape, and weights to copy.</summary>
internal sealed class DenseModule : IDisposable
{
    public const string Weight = "linear.weight";
    public const string Bias = "linear.bias";

    private const string ConfigFile = "config.json";

    private static readonly Dictionary<string, Activation> Activations = new()
    {
        ["Identity"] = Activation.Identity,
        ["Tanh"] = Activation.Tanh,
        ["ReLU"] = Activation.Relu,
        ["GELU"] = Activation.Gelu,
        ["SiLU"] = Activation.Silu,
        ["Sigmoid"] = Activation.Sigmoid,
    };

    /// <summary>Takes the weights over, once they are known to fit.</summary>
    /// <exception cref="InvalidDataException">They are not those of the shape; lists what differs.</exception>
    public DenseModule(DenseShape shape, ITensorSource weights)
    {
        (Shape, Weights) = (shape, weights);
        try
        {
            Check();
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    public DenseShape Shape { get; }

    /// <summary>Has <see cref="Weight"/>, and <see cref="Bias"/> where the shape says so.</summary>
    public ITensorSource Weights { get; }

    /// <summary>Reads a module's folder.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or the activation is not supported.</exception>
    public static DenseModule FromDirectory(string folder)
    {
        string path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path}: the Dense module's configuration is missing.");
        JsonObject config = JsonFile.ReadObject(path);
        var shape = new DenseShape(Size(config, "in_features", path), Size(config, "out_features", path), config.Value<bool?>("bias", path) ?? true, ReadActivation(config, path));
        return new DenseModule(shape, CheckpointDirectory.OpenWeights(folder));
    }

    /// <summary>Copies the weights into a layer of the shape.</summary>
    public void CopyTo(Dense layer)
    {
        using var _ = no_grad();
        foreach ((string name, Tensor? target) in new[] { (Weight, (Tensor?)layer.Weight), (Bias, layer.Bias) })
        {
            if (target is null)
                continue;
            using Tensor stored = Weights.Read(name, ScalarType.Float32);
            ModelCheckpoint.CheckFinite(stored, name, Weights.Location);
            target.copy_(stored);
        }
    }

    /// <summary>Writes the weights of a layer, as <see cref="CheckpointDirectory.OpenWeights"/> finds them.</summary>
    public static void Write(Stream stream, Dense layer)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            stream,
            new[] { (Name: Weight, Value: (Tensor?)layer.Weight), (Bias, layer.Bias) }.Where(tensor => tensor.Value is not null)
                .Select(tensor => new KeyValuePair<string, Tensor>(tensor.Name, SavedEncoder.Smallest(tensor.Value!))),
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    public void Dispose() => Weights.Dispose();

    private void Check()
    {
        var problems = new TensorProblems(Weights.Location);
        var expected = new Dictionary<string, long[]> { [Weight] = [Shape.Outputs, Shape.Inputs] };
        if (Shape.Bias)
            expected[Bias] = [Shape.Outputs];
        foreach ((string name, long[] shape) in expected)
            if (!Weights.Tensors.TryGetValue(name, out TensorInfo? stored))
                problems.Missing.Add(name);
            else
                problems.Fits(stored, shape);
        problems.Extra.AddRange(Weights.Tensors.Keys.Where(name => !expected.ContainsKey(name)).Order(StringComparer.Ordinal));
        problems.ThrowIfAny();
    }

    private static int Size(JsonObject config, string key, string path) => config.Value<int?>(key, path) switch
    {
        null => throw new InvalidDataException($"{path}: '{key}' is missing."),
        < 1 and var size => throw new InvalidDataException($"{path}: '{key}' is {size}; expected at least 1."),
        { } size => size,
    };

    /// <summary>Python's name of the class, with that of its module before it.</summary>
    private static Activation ReadActivation(JsonObject config, string path)
    {
        string name = config.Value<string>("activation_function", path) ?? "torch.nn.modules.activation.Tanh";
        return Activations.TryGetValue(name[(name.LastIndexOf('.') + 1)..], out Activation activation) ? activation
            : throw new InvalidDataException($"{path}: the activation '{name}' is not supported; expected one of {string.Join(", ", Activations.Keys)}.");
    }
}
