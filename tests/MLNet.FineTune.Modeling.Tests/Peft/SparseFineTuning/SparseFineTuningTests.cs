using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class SparseFineTuningTests
{
    /// <summary>The places of the largest values are those of a full sort.</summary>
    [TestMethod]
    [DataRow(0.01)]
    [DataRow(0.3)]
    [DataRow(1.0)]
    public void TheLargestAreThoseOfASort(double share)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        Tensor[] values = [rand(40), rand(7), rand(90)];
        int count = Math.Max(1, (int)Math.Round(137 * share));
        var expected = values.SelectMany((tensor, i) => tensor.data<float>().ToArray().Select((value, place) => (Tensor: i, Place: place, Value: value)))
            .OrderByDescending(x => x.Value).Take(count).OrderBy(x => (x.Tensor, x.Place)).Select(x => (x.Tensor, x.Place)).ToArray();
        var found = SparseSelection.Largest(values, share).SelectMany((places, i) => places.Select(place => (i, place))).ToArray();
        CollectionAssert.AreEqual(expected, found);
    }

    [TestMethod]
    public void RandomPlacesAreDistinctAndSharedOut()
    {
        int[] sizes = [272, 528, 17];
        manual_seed(1);
        int[][] places = SparseSelection.Random(sizes, 0.1);
        Assert.AreEqual((int)Math.Round(0.1 * sizes.Sum()), places.Sum(p => p.Length));
        for (int i = 0; i < sizes.Length; i++)
        {
            Assert.AreEqual(0.1 * sizes[i], places[i].Length, 1);
            CollectionAssert.AreEqual(places[i].Distinct().Order().ToArray(), places[i]);
            Assert.IsTrue(places[i].All(place => place >= 0 && place < sizes[i]));
        }
    }

    /// <summary>The output is that of a projection whose numbers were changed one by one, and the gradient of a value that of its number.</summary>
    [TestMethod]
    public void ADifferenceIsAddedPlaceByPlace()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        AdaptableLinear linear = model.Encoder.Layers[0].FeedForwardIn; // 16 → 32
        int[] places = [3, 16 + 5, 511, 512, 543];
        using var sparse = new SparseLinear(linear, places);
        linear.Weight.requires_grad = linear.Bias.requires_grad = false;
        float[] values = [0.5f, -1, 2, 0.25f, -3];
        using (no_grad())
            sparse.Values.copy_(tensor(values));
        Tensor input = randn(4, 16);
        float[] weight = linear.Weight.data<float>().ToArray(), bias = linear.Bias.data<float>().ToArray();
        for (int i = 0; i < places.Length; i++)
            if (places[i] < 512)
                weight[places[i]] += values[i];
            else
                bias[places[i] - 512] += values[i];
        Tensor changedWeight = tensor(weight, [32, 16], requires_grad: true), changedBias = tensor(bias, requires_grad: true);
        Tensor expected = nn.functional.linear(input, changedWeight, changedBias);

        linear.Site.Place(sparse);
        Tensor actual = linear.Forward(input);
        linear.Site.Remove(sparse);

        Assert.IsLessThan(1e-5f, (actual - expected).abs().max().item<float>());
        actual.square().sum().backward();
        expected.square().sum().backward();
        Tensor gradients = cat([changedWeight.grad!.flatten(), changedBias.grad!]).index_select(0, tensor(places));
        Assert.IsLessThan(1e-3f, (sparse.Values.grad! - gradients).abs().max().item<float>());
    }

    /// <summary>In bfloat16 the weights are rounded, the values stay float32 and get gradients.</summary>
    [TestMethod]
    public void WorksInBFloat16()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new SparseFineTuning { Mask = SparseMask.Random });
        Fill(adapter);
        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        Tensor expected = model.Forward(input);
        model.Encoder.ComputeType = ScalarType.BFloat16;
        Tensor actual = model.Forward(input);
        Assert.IsLessThan(0.1f, (actual - expected).abs().max().item<float>());
        actual.square().sum().backward();
        Assert.IsTrue(adapter.Own.All(p => p.Parameter.grad!.dtype == ScalarType.Float32 && p.Parameter.grad.abs().max().item<float>() > 0));
    }

    /// <summary>Two differences add up: on their own places and where they meet, merged in any order, and each leaves alone.</summary>
    [TestMethod]
    public void TwoComposeByAdding()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] bare = TinyEncoder.Logits(model);
        manual_seed(2);
        var method = new SparseFineTuning { Mask = SparseMask.Random, Density = 0.3f };
        using PeftAdapter language = PeftAdapter.Attach(model, method), task = PeftAdapter.Attach(model, method);
        Fill(language);
        Fill(task);
        float[] both = TinyEncoder.Logits(model);
        task.Active = false;
        float[] alone = TinyEncoder.Logits(model);
        CollectionAssert.AreNotEqual(both, alone);
        CollectionAssert.AreNotEqual(bare, alone);
        task.Active = true;
        CollectionAssert.AreEqual(both, TinyEncoder.Logits(model));

        language.Merge();
        AssertClose(both, TinyEncoder.Logits(model));
        task.Merge();
        AssertClose(both, TinyEncoder.Logits(model));
        Assert.AreEqual(0, model.Encoder.Layers[0].FeedForwardIn.Site.Modules.Count(module => module.Active));
        language.Unmerge();
        task.Unmerge();
        AssertClose(both, TinyEncoder.Logits(model));
        task.Dispose();
        AssertClose(alone, TinyEncoder.Logits(model));
        language.Active = false;
        AssertClose(bare, TinyEncoder.Logits(model));
    }

    /// <summary>What the first training moved farthest trains in the second, from the pretrained values.</summary>
    [TestMethod]
    public void TheTicketIsWhatTheFirstTrainingMovedFarthest()
    {
        using var scope = NewDisposeScope();
        var method = new SparseFineTuning { Density = 0.05f };
        using Prepared prepared = Prepared.Create(method, training: TinyTexts.Options(epochs: 1));
        TaskModel model = prepared.Model;
        float[][] before = [.. model.parameters().Select(p => p.data<float>().ToArray())];

        var resolved = (SparseFineTuning)method.Prepare(prepared.Preparation);

        foreach ((float[] expected, float[] actual) in before.Zip(model.parameters().Select(p => p.data<float>().ToArray())))
            CollectionAssert.AreEqual(expected, actual, "the weights are back");
        // Once more by hand: the same training, read off tensor by tensor.
        var moved = new List<(string Path, int Place, float By)>();
        using (var dense = new DenseDifference(model, 0))
            prepared.Preparation.Try(dense.Method, train: prepared.Preparation.All, look: adapter =>
            {
                int parameter = 0;
                foreach (var (name, value) in model.named_parameters())
                {
                    float[] now = value.data<float>().ToArray();
                    if (adapter.TrainedBase.Any(p => p.Name == name) && name.StartsWith("encoder.", StringComparison.Ordinal))
                        for (int i = 0; i < now.Length; i++)
                            moved.Add((name[..name.LastIndexOf('.')], i + (name.EndsWith(".bias", StringComparison.Ordinal) ? model.Linears().Single(l => l.Path + ".bias" == name).Linear.Weight.data<float>().ToArray().Length : 0), Math.Abs(now[i] - before[parameter][i])));
                    parameter++;
                }
            });
        int count = (int)Math.Round(0.05f * (double)moved.Count);
        var expectedPlaces = moved.OrderByDescending(m => m.By).Take(count).Select(m => (m.Path, m.Place)).ToHashSet();
        using PeftAdapter attached = PeftAdapter.Attach(model, resolved);
        var found = attached.Placed.SelectMany(placed => ((SparseLinear)placed.Module).Positions.data<int>().ToArray().Select(place => (placed.Path, place))).ToHashSet();
        Assert.HasCount(count, found);
        Assert.AreEqual(count, resolved.Counts!.Sum());
        Assert.IsTrue(found.SetEquals(expectedPlaces));
    }

    [TestMethod]
    [DataRow(SparseMask.LotteryTicket)]
    [DataRow(SparseMask.Random)]
    public void IsPreparedTrainedSavedAndLoaded(SparseMask mask)
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new SparseFineTuning { Mask = mask, Density = 0.02f, L1 = 0.1, MaskEpochs = 1 }, TinyTexts.Options(epochs: 1)));
        Assert.AreEqual(classifier.Adapter.Own.Sum(p => p.Parameter.numel()), ((SparseFineTuning)classifier.Adapter.Method).Counts!.Sum());
        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
    }

    /// <summary>The penalty is λ/N Σ|δ|, with N the weights that the mask chooses from.</summary>
    [TestMethod]
    public void ThePenaltyIsTheMeanDistanceFromThePretrainedValues()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        var method = new SparseFineTuning { Mask = SparseMask.Random, L1 = 0.7 };
        using PeftAdapter adapter = PeftAdapter.Attach(model, method);
        Fill(adapter);
        double sum = adapter.Own.Sum(p => p.Parameter.data<float>().ToArray().Sum(value => Math.Abs((double)value)));
        double size = model.Linears().Where(l => l.Linear.Layer is not null).Sum(l => l.Linear.Weight.numel() + l.Linear.Bias.numel());
        Assert.AreEqual(0.7 * sum / size, method.CreateTraining(adapter)!.Penalty()!.item<float>(), 1e-6);
        Assert.IsNull((method with { L1 = 0 }).CreateTraining(adapter));
    }

    [TestMethod]
    [DataRow(new[] { 5, 3 })]
    [DataRow(new[] { 3, 3 })]
    [DataRow(new[] { -1, 3 })]
    [DataRow(new[] { 3, 272 })]
    public void DamagedPlacesAreRefused(int[] places)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        var method = new SparseFineTuning { Counts = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] };
        using PeftAdapter adapter = PeftAdapter.Attach(model, method);
        using var file = new MemoryStream();
        using (var scope = NewDisposeScope())
        using (no_grad())
            adapter.State.Single().Tensor.copy_(tensor(places));
        AdapterFiles.SaveWeights(adapter, file);
        using SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), "adapter");
        Assert.Contains("places of sparse weights", Assert.ThrowsExactly<InvalidDataException>(() => AdapterFiles.LoadWeights(adapter, source)).Message);
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Invalid.Expect(new SparseFineTuning(), "Mask is LotteryTicket");
        Invalid.Expect(new SparseFineTuning { Density = 0 }, "Density is 0");
        Invalid.Expect(new SparseFineTuning { Mask = (SparseMask)4 }, "Mask is 4");
        Invalid.Expect(new SparseFineTuning { L1 = -1 }, "L1 is -1");
        Invalid.Expect(new SparseFineTuning { MaskEpochs = 0 }, "MaskEpochs is 0");
        Invalid.Expect(new SparseFineTuning { Counts = [0] }, "Counts is [0]");
        Invalid.Expect(new SparseFineTuning { Counts = [1] }, "12 numbers");
        Invalid.Expect(new SparseFineTuning { Counts = [273, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }, "at most [272");
    }

    private static void Fill(PeftAdapter adapter)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (AdapterParameter parameter in adapter.Own)
            parameter.Parameter.normal_(0, 0.2);
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4f * Math.Max(1, Math.Abs(expected[i])));
    }
}
