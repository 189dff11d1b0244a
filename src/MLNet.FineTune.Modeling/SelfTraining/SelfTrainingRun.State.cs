using System.Text.Json;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>What of a run is written down between its stages, and read again.</summary>
internal sealed partial class SelfTrainingRun : IStagedState
{
    /// <summary>Puts what rounds leave behind into a bag: the best model so far, that whose labels were good last, what the next ones are compared with, and the reports.</summary>
    public void SaveRounds(StateBag bag)
    {
        bag.Values.Add("rounds", RoundsJson());
        AddModels(bag);
    }

    /// <summary>Restores what <see cref="SaveRounds"/> put into the bag, and gives the reports that were not given yet.</summary>
    public void LoadRounds(StateBag bag) => LoadRounds(bag.Value("rounds"), bag);

    void IStagedState.SaveModel(StateBag model)
    {
        var now = new StateBag();
        AdapterState.Save(Adapter, now);
        model.Add("model", now);
        AddModels(model);
    }

    void IStagedState.SaveState(StateBag state)
    {
        state.Values.Add("rounds", RoundsJson());
        using Generator generator = Generator.Default;
        state.Tensors.Add("random", generator.get_state());
    }

    void IStagedState.LoadState(StateBag state, StateBag? model)
    {
        if (model is not null)
        {
            using AdapterState now = AdapterState.Of(model.Part("model"));
            now.CopyTo(Adapter);
        }
        LoadRounds(state.Value("rounds"), model);
        using Generator generator = Generator.Default;
        generator.set_state(state.Tensor("random"));
    }

    private string RoundsJson() => JsonSerializer.Serialize(new Rounds(_bestMetric, _alarm.State.Before, _alarm.State.First, _alarm.Drift, _reports), StageJournal.Json);

    private void AddModels(StateBag bag)
    {
        foreach ((string name, AdapterState? model) in new[] { ("best", _best), ("good", _good) })
        {
            var part = new StateBag();
            model?.SaveTo(part);
            bag.Add(name, part);
        }
    }

    private void LoadRounds(string json, StateBag? models)
    {
        Rounds rounds = JsonSerializer.Deserialize<Rounds>(json, StageJournal.Json) ?? throw new InvalidDataException("It has no rounds.");
        (_bestMetric, _alarm.State) = (rounds.BestMetric, (rounds.Before, rounds.First, rounds.Drift));
        _best?.Dispose();
        _good?.Dispose();
        (_best, _good) = (Read("best"), Read("good"));
        foreach (SelfTrainingProgress report in rounds.Reports.Skip(_reports.Count).ToArray())
            Tell(report);

        AdapterState? Read(string name) => models?.Part(name) is { Tensors.Count: > 0 } part ? AdapterState.Of(part) : null;
    }

    private sealed record Rounds(double BestMetric, int[] Before, bool First, double Drift, IReadOnlyList<SelfTrainingProgress> Reports);
}
