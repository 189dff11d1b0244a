using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>A student's embeddings of the texts of a step learn to be as similar as their teacher's (Tunstall et al. 2022, arXiv 2209.11055); each text is encoded once for all its pairs.</summary>
/// <param name="embed">The student's embeddings of some texts, float32 [texts, width], in their order.</param>
/// <param name="teacher">The teacher's.</param>
/// <param name="plan">What each pair counts.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
internal sealed class DistillationObjective(Func<int[], Tensor> embed, TeacherOutputs teacher, PairPlan plan, Func<Tensor?>? penalty = null) : ITrainingObjective
{
    /// <summary>The pairs of an epoch: without classes, each pair once, up to as many as texts with classes would have.</summary>
    public static PairPlan Plan(int texts, PairSampling options, int batchSize, int seed)
    {
        long most = Math.Min(options.Iterations is { } iterations ? 2L * iterations * texts : long.MaxValue, options.MaxPairs ?? long.MaxValue);
        return new TilePlan(texts, batchSize, most, seed);
    }

    public Tensor Loss(int[] texts)
    {
        Tensor embeddings = embed(texts);
        // The plan goes by position alone; which texts are alike only the teacher knows.
        StepPairs pairs = StepPairs.Of(embeddings, plan.Weights(texts, alike: []));
        Tensor cosines = teacher.Cosines(texts, embeddings.device).flatten().index_select(0, tensor([.. pairs.Indices.Select(pair => (long)pair)], device: embeddings.device));
        Tensor value = SimilarityDistillationLoss.Compute(pairs.First, pairs.Second, cosines, pairs.Weights).Mul(pairs.Total);
        return penalty?.Invoke() is { } term ? value.Add(term) : value;
    }
}
