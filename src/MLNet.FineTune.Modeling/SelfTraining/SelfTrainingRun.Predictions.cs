using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>What a run takes texts without labels for.</summary>
internal sealed partial class SelfTrainingRun
{
    /// <summary>By which cosines of neighbours are divided: one nearer by 0.1 counts e times as much.</summary>
    private const double NeighborTemperature = 0.1;

    /// <summary>The embeddings of some texts, with their gradients, and the logits made of them, in whatever mode the model is.</summary>
    /// <returns>float32 [rows, width] and [rows, classes].</returns>
    public (Tensor Embeddings, Tensor Logits) Embed(TextBatches texts, int[] rows)
    {
        using EncoderInput input = texts.Input(rows);
        var head = (IClassifierHead)Adapter.Model.Head;
        Tensor embeddings = head.Embed(Adapter.Model.Encode(input), input);
        return (embeddings, head.Classify(embeddings));
    }

    /// <summary>Pseudo-labels from elsewhere than the model.</summary>
    public PseudoLabels Label(Func<PseudoLabels> work) => _journal.Labels("labels", work);

    /// <summary>What the model, as it is, takes texts for.</summary>
    public PseudoLabels Predict(TextBatches texts, double temperature = 1) => _journal.Labels("predictions", () => PseudoLabels.FromLogits(
        Mode.Evaluate(() => _run.Session.Scores(_run.Session.Forward, texts, Tuning.Training.BatchSize, CheckAlive)), ClassCount, temperature));

    /// <summary>The same with dropout as in training: each call gives another prediction.</summary>
    public PseudoLabels PredictWithDropout(TextBatches texts) => _journal.Labels("predictions with dropout", () =>
    {
        Mode.Train();
        return PseudoLabels.FromLogits(_run.Session.Scores(_run.Session.Forward, texts, Tuning.Training.BatchSize, CheckAlive), ClassCount);
    });

    /// <summary>What the labelled texts nearest to those without labels say of them.</summary>
    public PseudoLabels AskNeighbors(int count) => _journal.Labels("neighbours", () =>
    {
        int width = ((IClassifierHead)Adapter.Model.Head).Width;
        return Mode.Evaluate(() =>
        {
            var labeled = new float[Labeled.Count * width];
            Labeled.Batches.Score(rows => Embed(Labeled.Batches, rows).Embeddings, Tuning.Training.BatchSize, labeled, CheckAlive);
            // Batch by batch: the embeddings of all texts are much more than what is kept of them.
            var probabilities = new float[Unlabeled.Count * ClassCount];
            Unlabeled.Score(rows => tensor(
                NeighborLabels.Of(Embed(Unlabeled, rows).Embeddings.to(ScalarType.Float32).cpu().data<float>().ToArray(), labeled, Labeled.Labels, width, ClassCount, count, NeighborTemperature).Probabilities,
                [rows.Length, ClassCount]), Tuning.Training.BatchSize, probabilities, CheckAlive);
            return new PseudoLabels(probabilities, ClassCount);
        });
    });
}
