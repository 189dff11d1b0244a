using System.Globalization;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>A sentence-transformers directory around a tiny encoder, and what it should make of texts, worked out in double precision.</summary>
internal static class SentenceEncoder
{
    /// <summary>Adds modules to the folder of an encoder.</summary>
    public static void Write(TemporaryFolder folder, string pooling, bool normalize, string? prompts = null, params DenseShape[] dense)
    {
        List<(string Folder, string Type)> modules = [("", "Transformer"), ("1_Pooling", "Pooling")];
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(folder.File("1_Pooling/config.json"), pooling);
        for (int i = 0; i < dense.Length; i++)
        {
            modules.Add(($"{i + 2}_Dense", "Dense"));
            WriteDense(folder.File($"{i + 2}_Dense"), dense[i], seed: i);
        }
        if (normalize)
            modules.Add(($"{dense.Length + 2}_Normalize", "Normalize"));
        File.WriteAllText(folder.File("modules.json"), $"[{string.Join(',', modules.Select((module, i) => $$"""{"idx":{{i}},"name":"{{i}}","path":"{{module.Folder}}","type":"sentence_transformers.models.{{module.Type}}"}"""))}]");
        if (prompts is not null)
            File.WriteAllText(folder.File("config_sentence_transformers.json"), prompts);
    }

    public static void WriteDense(string folder, DenseShape shape, int seed)
    {
        Directory.CreateDirectory(folder);
        (string module, string name) = shape.Activation switch
        {
            Activation.Identity => ("linear", "Identity"),
            Activation.Relu => ("activation", "ReLU"),
            Activation.Gelu => ("activation", "GELU"),
            var other => ("activation", other.ToString()),
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), string.Create(CultureInfo.InvariantCulture,
            $$"""{"in_features":{{shape.Inputs}},"out_features":{{shape.Outputs}},"bias":{{(shape.Bias ? "true" : "false")}},"activation_function":"torch.nn.modules.{{module}}.{{name}}"}"""));
        using var scope = NewDisposeScope();
        (double[,] weight, double[] bias) = Weights(shape, seed);
        var tensors = new Dictionary<string, Tensor> { ["linear.weight"] = tensor(weight).to(ScalarType.Float32) };
        if (shape.Bias)
            tensors["linear.bias"] = tensor(bias).to(ScalarType.Float32);
        SafetensorsWriter.Write(Path.Combine(folder, CheckpointDirectory.Safetensors), tensors);
    }

    /// <summary>What a layer that <see cref="WriteDense"/> wrote makes of a vector.</summary>
    public static double[] Dense(DenseShape shape, int seed, double[] input)
    {
        (double[,] weight, double[] bias) = Weights(shape, seed);
        return [.. Enumerable.Range(0, shape.Outputs).Select(row =>
        {
            double x = (shape.Bias ? bias[row] : 0) + Enumerable.Range(0, shape.Inputs).Sum(column => weight[row, column] * input[column]);
            return shape.Activation switch
            {
                Activation.Identity => x,
                Activation.Tanh => Math.Tanh(x),
                Activation.Relu => Math.Max(0, x),
                Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
                _ => throw new ArgumentOutOfRangeException(nameof(shape)),
            };
        })];
    }

    public static double[] Pool(PoolingMode pooling, float[][] tokens) => [.. Enumerable.Range(0, tokens[0].Length).Select(i => pooling switch
    {
        PoolingMode.Cls => tokens[0][i],
        PoolingMode.Mean => tokens.Average(token => (double)token[i]),
        PoolingMode.Max => tokens.Max(token => token[i]),
        PoolingMode.MeanSqrtLength => tokens.Sum(token => (double)token[i]) / Math.Sqrt(tokens.Length),
        PoolingMode.LastToken => tokens[^1][i],
        _ => throw new ArgumentOutOfRangeException(nameof(pooling)),
    })];

    /// <summary>Each text alone, hence without padding, through the encoder of another kind of model.</summary>
    /// <param name="source">The encoder.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="vector">Makes a vector of the tokens' hidden states.</param>
    /// <param name="normalize">Whether it is brought to length one.</param>
    /// <param name="maxLength">Longest text in tokens.</param>
    public static double[][] Expected(EncoderSource source, IEnumerable<TextInput> texts, Func<float[][], double[]> vector, bool normalize, int maxLength = 20)
    {
        using PretrainedEncoder encoder = source.Open([]);
        using TaskModel model = encoder.CreateMaskedLanguageModel(CPU, dropout: null);
        model.eval();
        using var frozen = no_grad();
        return [.. texts.Select(text =>
        {
            using var scope = NewDisposeScope();
            var encoding = encoder.Tokenizer.Encode(text.Text, null, maxLength, Truncation.LongestFirst);
            using EncoderInput input = EncoderInput.Create([encoding.Ids], [encoding.TypeIds], encoder.Config, CPU);
            double[] made = vector([.. model.Encoder.Forward(input).LastHidden.data<float>().ToArray().Chunk(encoder.Config.HiddenSize)]);
            double norm = normalize ? Math.Sqrt(made.Sum(x => x * x)) : 1;
            return made.Select(x => x / norm).ToArray();
        })];
    }

    private static (double[,] Weight, double[] Bias) Weights(DenseShape shape, int seed)
    {
        var random = new Random(seed);
        double Next() => (float)(random.NextDouble() - 0.5);
        var weight = new double[shape.Outputs, shape.Inputs];
        for (int row = 0; row < shape.Outputs; row++)
            for (int column = 0; column < shape.Inputs; column++)
                weight[row, column] = Next();
        return (weight, [.. Enumerable.Range(0, shape.Outputs).Select(_ => Next())]);
    }
}
