using MLNet.FineTune.Models;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.SelfTraining;

/// <summary>COSINE's loss of a batch, under pseudo-labels that are renewed from time to time.</summary>
internal sealed class CosineObjective(Cosine options, SelfTrainingRun run, TextBatches texts) : ITrainingObjective
{
    /// <summary>What is learnt, as it was last renewed.</summary>
    public CosineTargets? Targets { get; set; }

    public Tensor Loss(int[] rows)
    {
        CosineTargets targets = Targets!;
        int[] certain = targets.Certain(rows, options.ConfidenceThreshold);
        if (certain.Length == 0)
            return run.Embed(texts, [rows[0]]).Logits.sum().Mul(0);

        var (embeddings, logits) = run.Embed(texts, certain);
        Tensor logged = functional.log_softmax(logits.to(ScalarType.Float32), dim: 1);
        Tensor wanted = tensor([.. certain.SelectMany(row => targets.Labels[row].ToArray())], [certain.Length, run.ClassCount], device: logged.device);
        Tensor loss = CosineLosses.Classification(logged, wanted, tensor([.. certain.Select(row => targets.Weights[row] * Given(row))], device: logged.device));
        if (options.ContrastiveWeight > 0)
            loss = loss.Add(CosineLosses.Contrast(embeddings, [.. certain.Select(targets.Labels.Label)], options.Distance, options.Margin).Mul(options.ContrastiveWeight));
        if (options.ConfidenceWeight > 0)
            loss = loss.Add(CosineLosses.Confidence(logged).Mul(options.ConfidenceWeight));
        return loss;
    }

    /// <summary>The weight that a text with a label to be trusted was given.</summary>
    private float Given(int row) => options.TrustLabels && row < run.Labeled.Count && run.Labeled.Weights is { } weights ? weights[row] : 1;
}
