using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>The difference between the text embeddings of student and teacher; see <see cref="EmbeddingMatch"/>.</summary>
/// <param name="match">How they are compared.</param>
/// <param name="weight">The loss's weight.</param>
/// <param name="student">Width of the student's embeddings.</param>
/// <param name="teacher">Width of the teacher's.</param>
/// <param name="device">Where they are compared.</param>
internal sealed class EmbeddingDistillation(EmbeddingMatch match, double weight, int student, int teacher, Device device) : IPretrainingLoss
{
    private readonly WidthProjection? _projection = match == EmbeddingMatch.Similarity ? null : WidthProjection.Between(student, teacher, device);

    public string Name => "distill-embedding";

    public double Weight => weight;

    public nn.Module? Module => _projection;

    public Tensor Compute(EncodedBatch batch)
    {
        Tensor mine = _projection is null ? batch.Embeddings : _projection.Forward(batch.Embeddings), theirs = batch.Teacher!.Embeddings;
        return match switch
        {
            EmbeddingMatch.Cosine => functional.cosine_similarity(mine, theirs, dim: 1, eps: 1e-8).Rsub(1).mean(),
            EmbeddingMatch.MeanSquaredError => functional.mse_loss(mine, theirs),
            EmbeddingMatch.Similarity => SimilarityError(mine, theirs),
            _ => throw new InvalidOperationException($"{match} is not a way to compare embeddings."),
        };
    }

    /// <summary>The mean over pairs of different texts; the diagonals are one and say nothing.</summary>
    private static Tensor SimilarityError(Tensor mine, Tensor theirs)
    {
        double pairs = Math.Max(1, mine.size(0) * (mine.size(0) - 1));
        return (Similarities(mine) - Similarities(theirs)).Square().sum().Div(pairs);
    }

    private static Tensor Similarities(Tensor rows)
    {
        Tensor unit = functional.normalize(rows, p: 2, dim: 1, eps: 1e-8);
        return unit.matmul(unit.t());
    }
}
