using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>Weights on the line between two encoders of one architecture (WiSE-FT, Wortsman et al. 2021, arXiv 2109.01903).</summary>
internal static class EncoderInterpolation
{
    /// <param name="start">Where training began; random weights are drawn as <see cref="Pretrainer"/> draws them with the seed.</param>
    /// <param name="trained">Where it ended; gives the pooling too.</param>
    /// <param name="share">How far to go from the one to the other, by the names of tensors in the files.</param>
    /// <param name="outputDirectory">Where the encoder goes.</param>
    /// <param name="half">Whether weights are written in half precision.</param>
    /// <param name="seed">The seed of the training.</param>
    /// <exception cref="ArgumentException">The encoders differ in more than their weights.</exception>
    public static void Write(EncoderSource start, EncoderSource trained, Func<string, double> share, string outputDirectory, bool half, int seed)
    {
        NativeBackend.EnsureLoaded();
        ModelDirectory.Check(outputDirectory);
        manual_seed(seed);
        using PretrainedEncoder from = start.Open([]);
        using TaskModel first = from.CreateMaskedLanguageModel(CPU, dropout: null);
        using PretrainedEncoder to = trained.Open([]);
        if (to.Dense.Count > 0)
            throw new NotSupportedException($"The encoder has Dense modules after its pooling ({trained.Description}), which are not averaged.");
        using TaskModel last = to.CreateMaskedLanguageModel(CPU, dropout: null);
        RequireSame(start, from, first, trained, to, last);

        using (NewDisposeScope())
        using (no_grad())
        {
            var begun = first.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in last.named_parameters())
            {
                double trainedShare = share(last.Names.Tensor(name));
                parameter.copy_(begun[name].Mul(1 - trainedShare).Add(parameter.Mul(trainedShare)));
            }
        }
        EncoderDirectory.Write(outputDirectory, last, to, to.Pooling, half);
    }

    private static void RequireSame(EncoderSource start, PretrainedEncoder from, TaskModel first, EncoderSource trained, PretrainedEncoder to, TaskModel last)
    {
        string what = $"The encoders have to differ in their weights alone ({start.Description}; {trained.Description}): ";
        if (from.Config.ModelType != to.Config.ModelType)
            throw new ArgumentException($"{what}one is of the type '{from.Config.ModelType}', the other of '{to.Config.ModelType}'.");
        var shapes = first.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter.shape);
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in last.named_parameters())
        {
            if (!shapes.Remove(name, out long[]? shape))
                throw new ArgumentException($"{what}only the second has '{last.Names.Tensor(name)}'.");
            if (!shape.AsSpan().SequenceEqual(parameter.shape))
                throw new ArgumentException($"{what}'{last.Names.Tensor(name)}' has the shape [{string.Join(", ", shape)}] in one and [{string.Join(", ", parameter.shape)}] in the other.");
        }
        if (shapes.Count > 0)
            throw new ArgumentException($"{what}only the first has '{first.Names.Tensor(shapes.Keys.First())}'.");
        if (from.Tokenizer.Files.Count != to.Tokenizer.Files.Count || from.Tokenizer.Files.Any(file => !to.Tokenizer.Files.TryGetValue(file.Key, out byte[]? other) || !file.Value.AsSpan().SequenceEqual(other)))
            throw new ArgumentException($"{what}their tokenizers are not the same.");
    }
}
