using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class LayerNormTuningTests
{
    /// <summary>BERT-large has a norm after the embeddings and two in each of 24 layers: 0.03 % of its parameters.</summary>
    [TestMethod]
    public void TheCountIsThatOfAllNorms()
    {
        using TaskModel model = Published.BertLarge();
        long count = Published.TrainedInEncoder(model, new LayerNormTuning());
        Assert.AreEqual(49 * 2 * 1024, count);
        Assert.AreEqual(0.0003, (double)count / Published.Size(model), 0.00002);
    }

    /// <summary>With one row the information is the square of its gradient, and over rows the mean of the squares, not the square of the mean.</summary>
    [TestMethod]
    public void FisherInformationIsTheMeanOfSquaredGradients()
    {
        using var scope = NewDisposeScope();
        using Prepared prepared = Prepared.Create(new LayerNormTuning { Share = 0.5f });
        TaskModel model = prepared.Model;
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LayerNormTuning());
        model.eval();

        IReadOnlyList<(string Name, double Information)> found = FisherInformation.Estimate(prepared.Preparation, adapter, int.MaxValue);

        AdapterParameter[] parameters = [.. adapter.Trainable.Where(p => p.Name.StartsWith("encoder.", StringComparison.Ordinal))];
        var expected = new double[parameters.Length];
        for (int row = 0; row < prepared.Preparation.Train.Count; row++)
        {
            using EncoderInput input = prepared.Preparation.Train.Batches.Input([row]);
            Tensor loss = nn.functional.cross_entropy(model.Forward(input), tensor(new long[] { prepared.Preparation.Train.Labels[row] }));
            Tensor[] gradients = [.. autograd.grad([loss], parameters.Select(p => (Tensor)p.Parameter).ToArray())];
            for (int i = 0; i < gradients.Length; i++)
                expected[i] += gradients[i].square().mean().item<float>() / prepared.Preparation.Train.Count;
        }
        CollectionAssert.AreEqual(parameters.Select(p => p.Name).ToArray(), found.Select(p => p.Name).ToArray());
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i].Information, 1e-4 * expected[i] + 1e-12, found[i].Name);
        Assert.IsTrue(adapter.Trainable.All(p => p.Parameter.grad is null));
    }

    /// <summary>Half of the six vectors: those whose information, after a training of all, is not below that of any other.</summary>
    [TestMethod]
    public void TheLargestInformationIsChosen()
    {
        var method = new LayerNormTuning { Share = 0.5f, FisherRows = 8 };
        using Prepared prepared = Prepared.Create(method, training: TinyTexts.Options(epochs: 1));
        var resolved = (LayerNormTuning)method.Prepare(prepared.Preparation);

        IReadOnlyList<(string Name, double Information)> all = [];
        prepared.Preparation.Try(new LayerNormTuning(), look: adapter => all = FisherInformation.Estimate(prepared.Preparation, adapter, 8));
        Assert.HasCount(6, all);
        Assert.HasCount(3, resolved.Subset!);
        double least = all.Where(vector => resolved.Subset!.Contains(vector.Name)).Min(vector => vector.Information);
        Assert.IsTrue(all.Where(vector => !resolved.Subset!.Contains(vector.Name)).All(vector => vector.Information <= least));
        Assert.IsFalse(resolved.NeedsPreparation);
    }

    [TestMethod]
    public void TheChosenSubsetIsTrainedAndSaved()
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new LayerNormTuning { Share = 0.4f, FisherRows = 20 }));
        var method = (LayerNormTuning)classifier.Adapter.Method;

        Assert.AreEqual(2, method.Subset!.Length, "of the six vectors of one layer and the embeddings");
        CollectionAssert.AreEqual(method.Subset, classifier.Adapter.TrainedBase.Select(p => p.Name).Where(name => name.StartsWith("encoder.", StringComparison.Ordinal)).ToArray());
        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Invalid.Expect(new LayerNormTuning { Share = 0 }, "Share is 0");
        Invalid.Expect(new LayerNormTuning { FisherRows = 0 }, "FisherRows is 0");
        Invalid.Expect(new LayerNormTuning { Subset = [] }, "Subset is empty");
        Invalid.Expect(new LayerNormTuning { Subset = ["encoder.layers.0.ffn_in.bias"] }, "encoder.layers.0.ffn_in.bias");
        Invalid.Expect(new LayerNormTuning { Share = 0.5f }, "Share is 0.5");
    }
}
