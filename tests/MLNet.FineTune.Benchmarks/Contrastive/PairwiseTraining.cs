using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Contrastive;

/// <summary>Pairs drawn one by one, as many of one class as of two; a batch is their first sides and then their second sides, and each side is encoded.</summary>
/// <param name="relation">The texts.</param>
/// <param name="iterations">For each text, pairs of each kind.</param>
/// <param name="pairsPerStep">Pairs a step.</param>
internal sealed class PairwiseSampler(LabelRelation relation, int iterations, int pairsPerStep) : IBatchSampler
{
    private int Pairs => 2 * iterations * relation.Count;

    public int BatchesPerEpoch => (Pairs + pairsPerStep - 1) / pairsPerStep;

    public IEnumerable<int[]> Batches(int epoch)
    {
        Random random = SeededRandom.Create(1, epoch);
        (int First, int Second)[] pairs = [.. Enumerable.Range(0, Pairs).Select(pair => (pair % relation.Count, Partner(pair % relation.Count, pair / relation.Count % 2 == 0, random)))];
        random.Shuffle(pairs);
        return pairs.Chunk(pairsPerStep).Select(step => (int[])[.. step.Select(pair => pair.First), .. step.Select(pair => pair.Second)]);
    }

    private int Partner(int text, bool alike, Random random)
    {
        while (true)
        {
            int other = random.Next(relation.Count);
            if (other != text && relation.Alike(text, other) == alike)
                return other;
        }
    }
}

/// <summary>The loss of such pairs.</summary>
internal sealed class PairwiseObjective(Func<int[], Tensor> embed, LabelRelation relation, PairLoss loss) : ITrainingObjective
{
    public Tensor Loss(int[] batch)
    {
        int pairs = batch.Length / 2;
        Tensor embeddings = embed(batch);
        float[] alike = [.. Enumerable.Range(0, pairs).Select(pair => relation.Alike(batch[pair], batch[pairs + pair]) ? 1f : 0f)];
        return loss.Compute(embeddings.narrow(0, 0, pairs), embeddings.narrow(0, pairs, pairs), tensor(alike, device: embeddings.device), null);
    }
}
