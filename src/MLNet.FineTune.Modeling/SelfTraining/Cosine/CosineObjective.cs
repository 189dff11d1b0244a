using MLNet.FineTune.Models;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.SelfTraining;

/// <summary>COSINE's loss of a batch, under pseudo-labels that are renewed from time to time.</summary>
internal sealed class CosineObjective(Cosine options, SelfTrainingRun run, TextBatches texts) : ITrainingObjective
{
    /// <summary>What the model took the texts for when labels were last renewed.</summary>
    public PseudoLabels? Labels { get; set; }

    public Tensor Loss(int[] rows)
    {
        int classes = run.ClassCount;
        float[] targets = CosineTargets.Sharpen([.. rows.SelectMany(row => Labels![row].ToArray())], classes, options.Power);
        float[] weights = CosineTargets.Weigh(targets, classes);
        int[] certain = [.. Enumerable.Range(0, rows.Length).Where(i => weights[i] > options.ConfidenceThreshold)];
        if (certain.Length == 0)
            return run.Embed(texts, [rows[0]]).Logits.sum().Mul(0);

        var (embeddings, logits) = run.Embed(texts, [.. certain.Select(i => rows[i])]);
        var chosen = new PseudoLabels([.. certain.SelectMany(i => targets.AsSpan(i * classes, classes).ToArray())], classes);
        Tensor logged = functional.log_softmax(logits.to(ScalarType.Float32), dim: 1);
        Tensor loss = CosineLosses.Classification(
            logged, tensor(chosen.Probabilities, [certain.Length, classes], device: logged.device), tensor([.. certain.Select(i => weights[i])], device: logged.device));
        if (options.ContrastiveWeight > 0)
            loss = loss.Add(CosineLosses.Contrast(embeddings, [.. Enumerable.Range(0, chosen.Count).Select(chosen.Label)], options.Distance, options.Margin).Mul(options.ContrastiveWeight));
        if (options.ConfidenceWeight > 0)
            loss = loss.Add(CosineLosses.Confidence(logged).Mul(options.ConfidenceWeight));
        return loss;
    }
}
