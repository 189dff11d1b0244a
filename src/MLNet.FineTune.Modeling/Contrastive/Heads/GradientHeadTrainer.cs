using MLNet.FineTune.Losses;
using MLNet.FineTune.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>Fits a linear classifier by gradient descent on the cross entropy; the encoder stays as it is.</summary>
/// <param name="options">How it is trained.</param>
/// <param name="device">Where to compute.</param>
/// <param name="seed">Decides the first weights and the order of the texts.</param>
internal sealed class GradientHeadTrainer(TrainingOptions options, Device device, int seed) : IHeadTrainer
{
    public LinearHead Fit(EmbeddedTexts texts, EmbeddedTexts? validation, Action? checkAlive)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new((ulong)seed, device);
        Tensor embeddings = Matrix(texts);
        double bound = 1 / Math.Sqrt(texts.Width);
        var weight = new Parameter(rand([texts.ClassCount, texts.Width], device: device, generator: generator).Mul(2).Sub(1).Mul(bound));
        var bias = new Parameter(zeros(texts.ClassCount, device: device));
        Tensor Logits(Tensor rows) => nn.functional.linear(rows, weight, bias);

        using var loss = new SoftmaxCrossEntropy(options.LabelSmoothing, ClassWeights.FromOptions(options, texts.Texts.Labels, texts.ClassCount));
        Tensor? held = validation is null ? null : Matrix(validation);
        TrainingLoop.Run(new TrainingTask
        {
            Groups = ParameterGroups.Build([("head.weight", weight, null), ("head.bias", bias, null)], options, 0),
            Objective = new ClassificationObjective(
                rows => Logits(embeddings.index_select(0, tensor([.. rows.Select(row => (long)texts.SourceOf(row))], device: device))), texts.Texts.Labels, loss, texts.Texts.Weights),
            Sampler = new LengthBucketedSampler(new int[texts.Count], options.BatchSize, seed),
            Validator = held is null ? null : new ClassificationValidator(_ => Scores(Logits, held), validation!.Texts.Labels, texts.ClassCount, options.ValidationMetric),
            Seed = seed,
            CheckAlive = checkAlive,
        }, validation is null ? options.ForTrial() : options);
        return new LinearHead(Values(weight), Values(bias));
    }

    private Tensor Matrix(EmbeddedTexts texts) => tensor(texts.Values, device: device).reshape(texts.EmbeddingCount, texts.Width);

    private static float[] Scores(Func<Tensor, Tensor> logits, Tensor rows)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return Values(logits(rows));
    }

    private static float[] Values(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().cpu().data<float>().ToArray();
    }
}
