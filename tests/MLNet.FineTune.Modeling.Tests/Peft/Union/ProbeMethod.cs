using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft.Union;

/// <summary>A method that uses all of the frame: LoRA of rank 4 on queries, which leaves LoRA of rank 2 behind.</summary>
[PeftMethodName("probe")]
internal sealed record ProbeMethod : PeftMethod
{
    public int Reserved { get; set; } = 3;

    public List<string> Log { get; set; } = [];

    internal override int ReservedLength => Reserved;

    internal override bool NeedsPreparation => true;

    internal override PeftMethod Prepare(PeftPreparation preparation) => this with { Reserved = 7 };

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in context.Model.Linears().Where(linear => linear.Linear.Role == TargetModules.Query))
            context.Place(path, linear, new LoraLinear(linear, 4, 2, 0));
    }

    internal override PeftTraining CreateTraining(PeftAdapter adapter) => new Training(adapter, Log);

    internal override FinishedMethod Finish(PeftAdapter adapter) => new(
        new Lora { Rank = 2, Alpha = 4, Targets = TargetModules.Query },
        adapter.Own.ToDictionary(own => own.Name, own => own.Name.EndsWith("lora_A.weight", StringComparison.Ordinal) ? own.Parameter.narrow(0, 0, 2) : own.Parameter.narrow(1, 0, 2)));

    /// <summary>Keeps what rank 2 cannot hold at zero, adds a penalty of two, and counts steps.</summary>
    private sealed class Training(PeftAdapter adapter, List<string> log) : PeftTraining
    {
        private int _steps;

        public override bool Settled => _steps > 1;

        public override Tensor Penalty() => tensor(2f);

        public override void OnStepEnd(TrainingState state)
        {
            using var _ = no_grad();
            foreach (Placement placed in adapter.Placed)
            {
                var module = (LoraLinear)placed.Module;
                module.B.narrow(1, 2, 2).zero_();
            }
            log.Add($"{adapter.Method.MethodName} {++_steps} {adapter.Own[0].Name}");
        }

        public override void SaveState(StateBag state) => state.Values["steps"] = $"{_steps}";

        public override void LoadState(StateBag state) => _steps = int.Parse(state.Value("steps"), System.Globalization.CultureInfo.InvariantCulture);
    }
}
