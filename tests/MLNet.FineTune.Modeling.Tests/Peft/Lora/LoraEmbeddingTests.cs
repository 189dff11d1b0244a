using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>LoRA of the table of word embeddings.</summary>
[TestClass]
public sealed class LoraEmbeddingTests
{
    private static readonly Lora Words = new() { Rank = 2, Alpha = 3, WordEmbeddings = true, Targets = TargetModules.Query };

    [TestMethod]
    public void IsTheTableWithTheUpdateAdded()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using (PeftAdapter adapter = PeftAdapter.Attach(model, Words))
        {
            LoraEmbedding update = Update(adapter);
            Assert.AreEqual(0f, update.A.abs().max().item<float>());
            float[] expected = WithTable(model, Moved(update), () => { adapter.Active = false; return TinyEncoder.Logits(model); });
            adapter.Active = true;
            Close(expected, TinyEncoder.Logits(model));
        }

        // The formula, element by element.
        static Tensor Moved(LoraEmbedding update)
        {
            using var _ = no_grad();
            update.A.copy_(randn_like(update.A));
            Tensor delta = zeros(update.A.size(1), update.B.size(0));
            for (int token = 0; token < delta.size(0); token++)
                for (int rank = 0; rank < 2; rank++)
                    delta[token].Add_(update.B[TensorIndex.Colon, rank], alpha: 3 / 2.0 * update.A[rank, token].item<float>());
            return delta;
        }
    }

    [TestMethod]
    public void WordsOfTheTextAloneGetIt()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(new PromptTuning { Length = 3 }, new Lora { Rank = 2, WordEmbeddings = true, Targets = TargetModules.Query }));
        LoraEmbedding update = Update(adapter);
        using (no_grad())
            update.A.copy_(randn_like(update.A));
        using var input = TinyEncoder.Input(model.Encoder.Config);
        Tensor words = randn(input.InputIds.size(0), 3 + input.InputIds.size(1), update.B.size(0));

        Tensor adapted = update.Adapt(words, input);

        CollectionAssert.AreEqual(words.narrow(1, 0, 3).contiguous().data<float>().ToArray(), adapted.narrow(1, 0, 3).contiguous().data<float>().ToArray());
        Tensor table = update.TableDelta()!;
        Close([.. words.narrow(1, 3, input.InputIds.size(1)).Add(table.index_select(0, input.InputIds.flatten()).view([.. input.InputIds.shape, -1])).contiguous().data<float>()],
            [.. adapted.narrow(1, 3, input.InputIds.size(1)).contiguous().data<float>()]);
        Assert.ThrowsExactly<NotSupportedException>(adapter.Merge, "a prompt is no change of the table");
    }

    [TestMethod]
    public void FilesNameItAsPeftDoes()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Words);

        string[] names = [.. AdapterFiles.Tensors(adapter).Select(tensor => tensor.Key)];
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");

        CollectionAssert.Contains(names, "base_model.model.bert.embeddings.word_embeddings.lora_embedding_A");
        CollectionAssert.Contains(names, "base_model.model.bert.embeddings.word_embeddings.lora_embedding_B");
        Assert.AreEqual("""["query","word_embeddings"]""", json["target_modules"]!.ToJsonString());
        Assert.AreEqual("lora(rank=2, alpha=3, targets=query, word_embeddings=true)", adapter.Method.Format());
    }

    [TestMethod]
    public void RankZeroByNameLeavesTheTableOut()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Words with { RankPattern = new() { ["word_embeddings"] = 0 } });
        Assert.IsFalse(adapter.Placed.Any(placed => placed.Module is LoraEmbedding));
    }

    [TestMethod]
    public void NoLayerIsFrozenBelowIt()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Words with { Layers = [1] });
        Assert.AreEqual(-1, adapter.FrozenLayers);
    }

    /// <summary>The head that predicts words reads the same table: merged, it would predict others.</summary>
    [TestMethod]
    public void IsNotMergedUnderAHeadThatReadsTheTable()
    {
        using TaskModel model = TinyEncoder.Model(TinyEncoder.Json("bert"), task: TextTask.MaskedLanguageModel);
        using PeftAdapter adapter = PeftAdapter.Attach(model, Words);
        Assert.Contains("encoder.embeddings.word", Assert.ThrowsExactly<NotSupportedException>(adapter.Merge).Message);
        Assert.IsFalse(adapter.Merged);
    }

    [TestMethod]
    public void VariantsOfProjectionsAreRefused()
    {
        Invalid.Expect(Words with { UseDora = true }, "Lora.WordEmbeddings is True; expected false together with UseDora");
        Invalid.Expect(Words with { Initialization = LoraInitialization.Pissa }, "Lora.WordEmbeddings is True");
        Invalid.Expect(new Lora { TargetPattern = ".*(query|word_embeddings)", UseDora = true }, "Lora.TargetPattern is .*(query|word_embeddings); expected none that selects the word embeddings");
    }

    private static LoraEmbedding Update(PeftAdapter adapter) => (LoraEmbedding)adapter.Placed.Single(placed => placed.Module is LoraEmbedding).Module;

    private static T WithTable<T>(TaskModel model, Tensor delta, Func<T> action)
    {
        using var _ = no_grad();
        Tensor before = model.Encoder.Embeddings.Word.Weight.clone();
        model.Encoder.Embeddings.Word.Weight.Add_(delta);
        try
        {
            return action();
        }
        finally
        {
            model.Encoder.Embeddings.Word.Weight.copy_(before);
        }
    }

    private static void Close(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4f * Math.Max(1, Math.Abs(expected[i])));
    }
}
