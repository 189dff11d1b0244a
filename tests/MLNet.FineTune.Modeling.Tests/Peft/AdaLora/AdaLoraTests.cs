using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class AdaLoraTests
{
    private const int Projections = 12;

    private static AdaLora Method => new() { InitialRank = 4, TargetRank = 2 };

    [TestMethod]
    public void TheBudgetIsMetAndRanksDiffer()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] unchanged = TinyEncoder.Logits(model);
        PeftAdapter adapter = PeftAdapter.Attach(model, Method);
        Trainee.Train(adapter, steps: 40);
        float[] expected = TinyEncoder.Logits(model);

        using PeftAdapter finished = adapter.Finish();
        var method = (AdaLora)finished.Method;
        Assert.HasCount(Projections, method.RankPattern!);
        Assert.AreEqual(2 * Projections, method.RankPattern!.Values.Sum());
        Assert.IsGreaterThan(1, method.RankPattern.Values.Distinct().Count(), "all ranks are equal");
        Assert.AreEqual((4, 20, 40), (method.WarmupSteps, method.FinalSteps, method.TotalSteps));
        Assert.AreEqual(2 * Projections, finished.Placed.Sum(placed => ((AdaLoraLinear)placed.Module).Values.numel()), "only what remains is in it");
        float[] compact = TinyEncoder.Logits(model);
        Close(expected, compact);
        finished.Merge();
        Close(expected, TinyEncoder.Logits(model));
        finished.Unmerge();

        // Saved, it is as compact, and peft's file says which triplets remained.
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(finished)!, "ours");
        foreach ((string name, JsonNode? mask) in json["rank_pattern"]!.AsObject())
        {
            Assert.HasCount(4, mask!.AsArray());
            Assert.AreEqual(method.RankPattern[name.Replace(".lora_E", "", StringComparison.Ordinal)], mask.AsArray().Count(item => item!.GetValue<bool>()));
        }
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File(AdapterFiles.ConfigFile), AdapterFiles.Config(finished)!);
        using (FileStream file = File.Create(folder.File(AdapterFiles.WeightsFile)))
            AdapterFiles.SaveWeights(finished, file);
        using TaskModel fresh = TinyEncoder.Model("bert");
        using (AdapterFiles.Load(fresh, folder.Path))
            CollectionAssert.AreEqual(compact, TinyEncoder.Logits(fresh));
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(fresh));
    }

    [TestMethod]
    public void TripletsGoByTheScheduleAndStayAway()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Method with { WarmupSteps = 3, FinalSteps = 5 });
        AdaLoraLinear[] modules = [.. adapter.Placed.Select(placed => (AdaLoraLinear)placed.Module)];
        AdaLoraSchedule schedule = ((AdaLora)adapter.Method).Schedule(Projections, totalSteps: 20);
        var present = new List<int>();
        var decided = new List<bool>();

        Trainee.Train(adapter, steps: 20, state =>
        {
            present.Add(modules.Sum(module => module.Values.data<float>().Count(value => value != 0)));
            decided.Add(modules.All(module => module.Kept is not null));
        });

        CollectionAssert.AreEqual(Enumerable.Range(1, 20).Select(schedule.Budget).ToArray(), present);
        CollectionAssert.AreEqual(Enumerable.Range(1, 20).Select(step => step >= 15).ToArray(), decided);
    }

    [TestMethod]
    public void TheScheduleIsCubic()
    {
        var schedule = new AdaLoraSchedule(InitialBudget: 120, TargetBudget: 40, WarmupSteps: 10, FinalSteps: 30, TotalSteps: 100);
        Assert.AreEqual(120, schedule.Budget(1));
        Assert.AreEqual(120, schedule.Budget(10));
        Assert.AreEqual(40 + 80 / 8, schedule.Budget(40), "half the way");
        Assert.AreEqual(40, schedule.Budget(70));
        Assert.AreEqual(40, schedule.Budget(100));
        for (int step = 1; step < 100; step++)
            Assert.IsGreaterThanOrEqualTo(schedule.Budget(step + 1), schedule.Budget(step));
    }

    [TestMethod]
    public void AScheduleWithoutRoomIsRefused()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Method with { WarmupSteps = 10, FinalSteps = 10 });
        Assert.Contains("WarmupSteps is 10", Assert.ThrowsExactly<ArgumentException>(() => Trainee.Train(adapter, steps: 20)).Message);
    }

    [TestMethod]
    public void ATrainingThatEndsEarlyMeetsTheBudgetToo()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        PeftAdapter adapter = PeftAdapter.Attach(model, Method);
        Trainee.Train(adapter, steps: 40, state => { if (state.Step == 7) state.RequestStop(StopReason.Callback); });
        using PeftAdapter finished = adapter.Finish();
        Assert.AreEqual(2 * Projections, ((AdaLora)finished.Method).RankPattern!.Values.Sum());
    }

    /// <summary>Equations 8 to 11, number by number in double precision.</summary>
    [TestMethod]
    public void ImportanceIsSmoothedSensitivityTimesUncertainty()
    {
        const double Beta1 = 0.85, Beta2 = 0.7;
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Method with { Targets = TargetModules.Query, Layers = [0] });
        var module = (AdaLoraLinear)adapter.Placed[0].Module;
        using (no_grad())
            module.Values.normal_();
        using var importance = new TripletImportance(module, Beta1, Beta2);
        Tensor[] parameters = [module.Values, module.Right, module.Left];
        double[][] smooth = [.. parameters.Select(p => new double[p.numel()])], uncertain = [.. parameters.Select(p => new double[p.numel()])];
        for (int step = 0; step < 3; step++)
        {
            for (int p = 0; p < parameters.Length; p++)
            {
                Tensor gradient = randn_like(parameters[p]).detach();
                parameters[p].grad = gradient;
                float[] g = [.. gradient.data<float>()], w = [.. parameters[p].data<float>()];
                for (int i = 0; i < g.Length; i++)
                {
                    double sensitivity = Math.Abs((double)g[i] * w[i]);
                    smooth[p][i] = Beta1 * smooth[p][i] + (1 - Beta1) * sensitivity;
                    uncertain[p][i] = Beta2 * uncertain[p][i] + (1 - Beta2) * Math.Abs(sensitivity - smooth[p][i]);
                }
            }
            importance.Update();
        }
        float[] scores = importance.Scores();
        for (int triplet = 0; triplet < 4; triplet++)
        {
            double Score(int p, int i) => smooth[p][i] * uncertain[p][i];
            double expected = Score(0, triplet)
                + Enumerable.Range(0, 16).Average(i => Score(1, triplet * 16 + i))
                + Enumerable.Range(0, 16).Average(i => Score(2, i * 4 + triplet));
            Assert.AreEqual(expected, scores[triplet], 1e-6 * Math.Max(1, expected));
        }
    }

    [TestMethod]
    public void ThePenaltyIsZeroForOrthogonalVectorsOnly()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Method);
        PeftTraining training = adapter.Method.CreateTraining(adapter)!;
        using var _ = no_grad();
        foreach (AdaLoraLinear module in adapter.Placed.Select(placed => (AdaLoraLinear)placed.Module))
        {
            module.Left.copy_(linalg.qr(randn_like(module.Left)).Q);
            module.Right.copy_(linalg.qr(randn_like(module.Right).t()).Q.t());
        }
        Assert.AreEqual(0, training.Penalty()!.item<float>(), 1e-5f);
        // 2P: 4I − I = 3I, of norm 3·√4 = 6; one of 24 gaps, weighed by 0.5.
        ((AdaLoraLinear)adapter.Placed[3].Module).Left.mul_(2);
        Assert.AreEqual(0.5f * 6 / (2 * Projections), training.Penalty()!.item<float>(), 1e-4f);
    }

    private static void Close(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
    }
}
