using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class DseeTests
{
    [TestMethod]
    public void TheDecompositionFindsWhatIsNotLowRank()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        long[] planted = [3, 77, 400, 401, 812, 1199];
        Tensor weight = randn(30, 3).matmul(randn(3, 40)) + zeros(1200).index_fill_(0, tensor(planted), 8).view(30, 40);
        CollectionAssert.AreEqual(planted, SparseDecomposition.Support(weight, rank: 3, planted.Length).data<long>().ToArray());
    }

    [TestMethod]
    public void TheUpdateIsLowRankPlusSparse()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Dsee { Rank = 2, Alpha = 6, SparseCount = 5, Targets = TargetModules.FeedForwardIn });
        var module = (DseeLinear)adapter.Placed[0].Module;
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        module.B.normal_();
        module.Sparse.normal_();
        Tensor sparse = zeros(linear.Outputs, linear.Inputs);
        for (int i = 0; i < 5; i++)
            sparse[module.Positions.Rows[i].item<long>(), module.Positions.Columns[i].item<long>()] = module.Sparse[i];
        Assert.AreEqual(5, sparse.count_nonzero().item<long>());
        Tensor changed = linear.Weight + module.B.matmul(module.A) * 3 + sparse, x = randn(2, 7, linear.Inputs);

        Assert.IsLessThan(1e-5f, (nn.functional.linear(x, changed, linear.Bias) - linear.Forward(x)).abs().max().item<float>());
        Assert.IsLessThan(1e-5f, (changed - linear.Weight - module.WeightDelta(linear.Weight)).abs().max().item<float>());
    }

    /// <summary>Over all adapted projections together, exactly the smallest are gone.</summary>
    [TestMethod]
    public void PruningTakesTheSmallestWeightsOfAllProjections()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] unchanged = TinyEncoder.Logits(model);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Dsee { Rank = 2, PruneShare = 0.3f });
        var pruned = new List<bool>();
        Trainee.Train(adapter, steps: 10, _ => pruned.Add(((DseeLinear)adapter.Placed[0].Module).Threshold >= 0));
        CollectionAssert.AreEqual(Enumerable.Range(1, 10).Select(step => step >= 5).ToArray(), pruned);

        using (var scope = NewDisposeScope())
        {
            (float Magnitude, bool Kept)[] weights = [.. adapter.Placed.SelectMany(placed => placed.Linear!.Weight.abs().data<float>().ToArray()
                .Zip(placed.Module is DseeLinear module ? module.AdaptWeight(ones_like(placed.Linear.Weight)).detach().data<float>().ToArray() : [], (magnitude, mask) => (magnitude, mask == 1)))];
            Assert.AreEqual((int)Math.Round(0.3 * weights.Length), weights.Count(weight => !weight.Kept));
            Assert.IsLessThan(weights.Where(weight => weight.Kept).Min(weight => weight.Magnitude), weights.Where(weight => !weight.Kept).Max(weight => weight.Magnitude));
        }
        float[] expected = TinyEncoder.Logits(model);
        adapter.Merge();
        float[] merged = TinyEncoder.Logits(model);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], merged[i], 1e-4f * Math.Max(1, Math.Abs(expected[i])));
        adapter.Unmerge();
        adapter.Active = false;
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(unchanged[i], TinyEncoder.Logits(model)[i], 1e-4f * Math.Max(1, Math.Abs(unchanged[i])));
    }

    [TestMethod]
    public void PruningOfOutputUnitsTakesTheSmallestRowsOfEach()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Dsee { Rank = 2, PruneShare = 0.25f, Pruning = PruningPattern.OutputUnits, Targets = TargetModules.FeedForwardIn });
        Trainee.Train(adapter, steps: 4);
        foreach (Placement placed in adapter.Placed)
        {
            var module = (DseeLinear)placed.Module;
            Assert.AreEqual(0.25, module.PrunedShare, 1e-6);
            float[] lengths = [.. module.Magnitudes().data<float>()];
            float[] rows = [.. module.AdaptWeight(ones_like(placed.Linear!.Weight)).detach().select(1, 0).contiguous().data<float>()];
            Assert.IsLessThan(lengths.Where((_, i) => rows[i] == 1).Min(), lengths.Where((_, i) => rows[i] == 0).Max());
        }
    }

    [TestMethod]
    [DataRow(-1f)]
    [DataRow(16f)]
    [DataRow(0.5f)]
    [DataRow(float.NaN)]
    public void PositionsOutsideTheWeightAreRefused(float position)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Dsee());
        using (no_grad())
            adapter.State.First(state => state.Name.EndsWith("sparse_positions", StringComparison.Ordinal)).Tensor.fill_(position);
        Assert.Contains("sparse_positions", Assert.ThrowsExactly<InvalidDataException>(adapter.Placed[0].Module.CheckLoaded).Message);
    }
}
